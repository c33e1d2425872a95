"""What can happen to shipments and their packages: every kind of event of this room."""

KINDS = {
    "shipment.prepared": "Units were packed: a shipment waits to leave.",
    "shipment.discarded": "A shipment that had not left was unpacked again.",
    "package.label_made": "A package has its label, or a tracking number that was given by hand.",
    "package.label_refused": "A carrier refused to make a label.",
    "package.label_voided": "A label that was not used is void.",
    "package.void_refused": "A carrier refused to take a label back.",
    "package.handed_over": "The carrier has a package.",
    "package.forwarded": "A package is on its way.",
    "package.stopped_at_customs": "A package is at customs.",
    "package.delayed": "The carrier says that a package is late.",
    "package.sent_out": "A package is out for delivery.",
    "package.made_ready": "A package is ready for pickup.",
    "package.attempted": "A delivery was tried and failed.",
    "package.returned": "A package came back: its units are looked at where it left.",
    "package.lost": "A package is lost.",
    "package.contradicted": "Scans say of a package what its units cannot follow; nothing moved.",
    "order.sent_again": "Units of packages that were lost or came back are to leave again.",
    "option.created": "A delivery option was set up.",
    "option.edited": "A delivery option was changed.",
}
