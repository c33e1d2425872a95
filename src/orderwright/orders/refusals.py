"""Why an order is not taken."""

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal


class UnknownChannel(Refusal):
    code = "unknown_channel"
    status = 422
    sentence = _("There is no channel {channel} that takes orders.")


class UnknownSku(Refusal):
    code = "unknown_sku"
    status = 422
    sentence = _("These SKUs do not exist: {skus}.")


class NotForSale(Refusal):
    code = "not_for_sale"
    sentence = _("These SKUs are not for sale: {skus}.")


class NoPrice(Refusal):
    code = "no_price"
    sentence = _("These SKUs have no price in {currency}: {skus}.")


class OutOfStock(Refusal):
    """`short` lists each short SKU with the units wanted and the units left."""

    code = "out_of_stock"
    sentence = _("There is not enough stock of {skus}.")


class DuplicateReference(Refusal):
    code = "duplicate_reference"
    sentence = _("The channel's order {reference} is here already, as {number}.")


class TendersDoNotMatch(Refusal):
    code = "tenders_do_not_match"
    status = 422
    sentence = _("The tenders come to {tendered} and the order to {total}.")


class TotalChanged(Refusal):
    code = "total_changed"
    sentence = _("The order comes to {total} {currency} now, and {expected} were expected. Look at it again.")


class UnknownDeliveryOption(Refusal):
    code = "unknown_delivery_option"
    status = 422
    sentence = _("Delivery option {option} is not offered for where this goes.")


class PlacedInFuture(Refusal):
    code = "placed_in_future"
    status = 422
    sentence = _("An order cannot be placed in the future, at {placed_at}.")


class PlacedTooLongAgo(Refusal):
    code = "placed_too_long_ago"
    status = 422
    sentence = _("An order cannot be placed before the year 1900, at {placed_at}.")


class AsBefore(Refusal):
    """A refusal that was given before to the same request, and is given again."""

    def __init__(self, code: str, status: int, sentence: str, facts: dict[str, object]) -> None:
        super().__init__(**facts)
        self.code, self.status, self.words = code, status, sentence

    def __str__(self) -> str:
        return self.words


class OrderChanged(Refusal):
    code = "order_changed"
    status = 409
    sentence = _(
        "{who} changed order {number} after you opened it: {what} Nothing was done. Look at it again, and decide anew."
    )
