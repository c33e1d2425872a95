"""What can happen to customers: every kind of event of this room.  No fact tells who somebody is."""

KINDS = {
    "customer.changed": "Something about a customer was changed; the fact names the fields, not what stands in them.",
    "customer.link_asked": "Somebody asked for a link by which this customer signs in.",
    "customer.exported": "All that is stored about a customer was written out, for them.",
    "customer.forgotten": "All that tells who a customer is was erased; their orders and amounts stay.",
}
