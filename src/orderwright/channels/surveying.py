"""Surveying: what is in the files, before anything is written."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from orderwright.channels.ports import Document


@dataclass
class Survey:
    """Of the documents that are not here yet: what their SKUs are called, and how many units leave the shelves."""

    documents: int = 0
    corrections: int = 0
    first_at: datetime | None = None
    leaving: Counter[str] = field(default_factory=Counter)  # by SKU: sold, or corrected away
    _called: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def names(self) -> dict[str, str]:
        """Each SKU with the name that most of its lines have; the first of those that are used alike; or none."""
        return {
            sku: max(filter(None, called), key=called.__getitem__, default="") for sku, called in self._called.items()
        }

    def add(self, document: Document) -> None:
        """Count a document."""
        self.documents += 1
        if document.at is not None and (self.first_at is None or document.at < self.first_at):
            self.first_at = document.at
        if document.order is not None:
            leaving, called = self.leaving, self._called
            for line in document.order.lines:
                leaving[line.sku] += line.quantity
                called[line.sku][line.name] += 1
        self.corrections += len(document.corrections)
        for correction in document.corrections:
            self._called[correction.sku][""] += 1
            if correction.quantity < 0:
                self.leaving[correction.sku] -= correction.quantity
