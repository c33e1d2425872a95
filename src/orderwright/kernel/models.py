"""The tables of the kernel: events, number series, remembered answers; and what every book's table of entries has."""

from django.db import models
from django.db.models.functions import Now


class NextId(models.Func):
    """The next number of a sequence, as a column's default."""

    template = "nextval('%(sequence)s'::regclass)"
    output_field = models.BigIntegerField()

    def __init__(self, sequence: str) -> None:
        super().__init__(sequence=sequence)
        self.sequence = sequence

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        return "orderwright.kernel.models.NextId", [self.sequence], {}


class CurrentTransaction(models.Func):
    """The 64-bit number of the transaction that writes the row."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        return "orderwright.kernel.models.CurrentTransaction", [], {}


class BookEntry(models.Model):
    """Some amount of a holder moved between two buckets of a book.  `books.post` writes it; never updated or deleted.

    A book's room names the table, the sequence of its `id` and what the holder is.
    """

    pk = models.CompositePrimaryKey("holder_id", "id")
    event_id = models.BigIntegerField()  # no foreign key: the audit ties it, the log may be partitioned later
    holder_id = models.BigIntegerField()
    source_place = models.BigIntegerField()
    source = models.TextField()
    target_place = models.BigIntegerField()
    target = models.TextField()
    amount = models.BigIntegerField()

    class Meta:
        abstract = True


class Event(models.Model):
    """One thing that happened.  Written once, in the transaction that made it true.

    The feed reads in (epoch, xact, id) order; `kernel.feed` says why.  The epoch's default is raised when a
    database is restored, for transaction numbers may start again lower there.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId("event_id_seq"))
    epoch = models.SmallIntegerField(db_default=1, editable=False)
    xact = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    kind = models.TextField()  # "order.placed": noun, then past tense
    version = models.SmallIntegerField(db_default=1)
    order_id = models.BigIntegerField(null=True)  # the kernel does not know orders: a plain id
    place_in_order = models.IntegerField(null=True)  # 1, 2, 3 …: taken under the order's lock, so it is causal
    actor = models.TextField()
    facts = models.JSONField()
    at = models.DateTimeField()  # when it happened in the business: kernel.clock, or the replayed past
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "event"
        indexes = [
            models.Index("epoch", "xact", "id", name="event_feed"),
            # What people did is little beside what programs do: it is found without the rest.
            models.Index("id", name="event_acts", condition=models.Q(actor__startswith="staff:")),
            models.Index("actor", "id", name="event_acts_of", condition=models.Q(actor__startswith="staff:")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order_id", "place_in_order"],
                condition=models.Q(order_id__isnull=False),
                name="event_place_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(order_id__isnull=True, place_in_order__isnull=True)
                | models.Q(order_id__isnull=False, place_in_order__gte=1),
                name="event_order_has_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.id}"


class NumberSeries(models.Model):
    """The last number given out in a series.  One row is one lock, held to the commit: no gaps, no reuse."""

    name = models.TextField(primary_key=True)
    last = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "number_series"

    def __str__(self) -> str:
        return f"{self.name} at {self.last}"


class RememberedAnswer(models.Model):
    """What was answered to a request that carried an idempotency key."""

    pk = models.CompositePrimaryKey("client_id", "key")
    client_id = models.BigIntegerField()  # the API key that asked; 0 for ourselves
    key = models.TextField()
    fingerprint = models.BinaryField()  # of method, path and body: another request under the same key is refused
    status = models.SmallIntegerField(null=True)  # HTTP status; null while the outside world is being asked
    answer = models.TextField(null=True)  # JSON, without personal data
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "remembered_answer"
        indexes = [models.Index("answered_at", name="remembered_answer_age")]

    def __str__(self) -> str:
        return self.key


class ReaderPosition(models.Model):
    """How far one of our own readers has read the feed."""

    reader = models.TextField(primary_key=True)
    cursor = models.TextField(db_default="")

    class Meta:
        db_table = "reader_position"

    def __str__(self) -> str:
        return f"{self.reader} at {self.cursor}"


class Throttle(models.Model):
    """How often somebody tried something that is guarded; see `kernel.throttling`."""

    digest = models.BinaryField(primary_key=True)  # SHA-256 of the purpose and of who tries
    began_at = models.DateTimeField()
    tries = models.IntegerField()

    class Meta:
        db_table = "throttle"

    def __str__(self) -> str:
        return f"{self.tries} tries since {self.began_at}"
