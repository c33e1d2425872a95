"""Why a provider says no, in our words.  Adapters translate their provider's many words into these."""

from django.utils.translation import gettext_lazy as _

REASONS = {
    "insufficient_funds": _("There is not enough money on the account."),
    "expired_card": _("The card is no longer valid."),
    "wrong_details": _("The number, name or security code is wrong."),
    "suspected_fraud": _("The provider or the bank takes it for fraud."),
    "not_confirmed": _("The payer did not confirm it, or not in time."),
    "limit_exceeded": _("The amount is above what the bank allows."),
    "authorization_ended": _("The authorization has ended; nothing is set aside any more."),
    "too_much": _("The amount is above what was authorized or captured."),
    "not_possible": _("The provider does not know this payment, or cannot do this with it."),
    "refused": _("The bank refuses and does not say why."),
}

# After these, nothing is left of the authorization: what is still set aside in our books is let go.
ENDED = frozenset({"authorization_ended"})
