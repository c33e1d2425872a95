"""What can happen to gift cards and store credit.  Facts name the account, never a code or a person."""

KINDS = {
    "credit.issued": "A gift card was issued, or money was put to a customer's credit.",
    "credit.withdrawn": "The shop took back credit that was not spent.",
    "credit.held": "Credit was set aside for an order.",
    "credit.let_go": "Credit that was set aside for an order may be spent again.",
    "credit.spent": "Credit that was set aside paid for an order.",
    "credit.given_back": "Credit that had paid for an order was given back.",
    "credit.disabled": "A gift card or a credit cannot be spent from now on.",
    "credit.enabled": "A gift card or a credit can be spent again.",
}
