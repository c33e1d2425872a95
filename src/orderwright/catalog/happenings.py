"""What can happen to what we sell, and to where we sell it: every kind of event of this room."""

KINDS = {
    "category.created": "A category was created.",
    "category.changed": "Something about a category was changed.",
    "product.created": "A product was created.",
    "product.changed": "Something about a product was changed.",
    "product.pictured": "A product got a picture, another one, or lost it.",
    "sku.created": "A SKU was created.",
    "sku.changed": "Something about a SKU was changed.",
    "kit.changed": "A kit is made of other parts, or other quantities of them, than before.",
    "price.changed": "A SKU got a price in a currency, another one, or lost it.",
    "channel.created": "A channel was opened.",
    "channel.changed": "Something about a channel was changed.",
}
