"""The events of the payments room.  Facts name the tender, its method, the amount and its currency."""

KINDS = {
    "tender.opened": "Another means of payment was opened on an order, for what was due.",
    "tender.authorized": "A provider has set money aside; `left_minor` was asked for and is not.",
    "tender.declined": "A provider does not set the money aside; `reason` says why.",
    "tender.action_required": "The payer must do something first, such as 3-D Secure.",
    "tender.capture_asked": "A provider is asked to take money that is set aside.",
    "tender.captured": "A provider took money that was set aside.",
    "tender.capture_declined": "A provider does not take the money; `reason` says why.",
    "tender.void_asked": "A provider is asked to let go of what is set aside.",
    "tender.voided": "Money that was set aside or awaited is let go.",
    "tender.void_declined": "A provider does not let go of what is set aside; `reason` says why.",
    "tender.refund_asked": "A provider is asked to give money back; `why` is the reason that was given.",
    "tender.refunded": "Money was given back.",
    "tender.refund_declined": "A provider does not give the money back; `reason` says why.",
    "tender.received": "Money that was awaited came, and was marked as received.",
    "tender.expiring": "An authorization is near its end; what is not captured by then is lost.",
    "tender.contradicted": "A provider answered a question again, and differently. Nothing moved; look into it.",
    "order.discounted": "An amount was taken off an order as goodwill, and is given back.",
    "order.confirmed": "The order's money became secure: captured, authorized or trusted to come.",
}
