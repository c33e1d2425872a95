"""Letters to customers and to the shop itself, who wants which of them, and how the ways out are doing."""

from django.db import models

from orderwright.customers.models import Customer
from orderwright.kernel.models import NextId
from orderwright.orders.models import Order


class LetterState(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"  # a provider took it, or the mailbox
    REFUSED = "refused"  # a provider refused it for good, or none took it for days
    SUPPRESSED = "suppressed"  # nobody is to get it; `reason` says why


class Letter(models.Model):
    """That somebody is to be told of an event, in one kind of letter, by one channel.

    It is rendered when it is sent, from the event's facts and from rows as they stand then.  It keeps no address; what
    was rendered is kept for the log, and erased when the customer is forgotten.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId("letter_id_seq"))
    event_id = models.BigIntegerField()
    kind = models.TextField()  # notifications.kinds
    channel = models.TextField()  # email, sms
    package = models.TextField(db_default="")  # the name of the only package it is about
    copy = models.SmallIntegerField(db_default=0)  # 1, 2 … where it is sent once more
    resent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="copies", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="letters", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.TextField(choices=LetterState.choices, db_default=LetterState.WAITING)
    reason = models.TextField(db_default="")  # why it was suppressed or refused, or what the last try came to
    written_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)  # somebody is sending it
    tries = models.IntegerField(db_default=0)
    settled_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    provider = models.TextField(db_default="")  # that took or refused it
    answer = models.TextField(db_default="")  # in the provider's words; never an address
    language = models.TextField(db_default="")
    subject = models.TextField(db_default="")
    html = models.TextField(db_default="")
    text = models.TextField(db_default="")
    told = models.JSONField(null=True)  # the days that it told, by the line's position; null: that nobody can say

    class Meta:
        db_table = "letter"
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind", "channel", "package", "copy"], name="letter_once"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", settled_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(settled_at__isnull=False)),
                name="letter_settled",
            ),
        ]
        indexes = [
            models.Index("channel", "due_at", "id", name="letter_due", condition=models.Q(state="waiting")),
            models.Index("order", "id", name="letter_of_order"),
            models.Index("customer", "id", name="letter_of_customer"),
            models.Index("kind", "id", name="letter_of_kind"),
            models.Index("id", name="letter_refused", condition=models.Q(state="refused")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Consent(models.Model):
    """Whether a customer wants a kind of letter (or `*`, all others) by a channel."""

    pk = models.CompositePrimaryKey("customer_id", "channel", "kind")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.TextField()
    kind = models.TextField()
    wanted = models.BooleanField()
    said_at = models.DateTimeField()
    said_by = models.TextField()  # the actor; customer:link for who followed the link in a letter

    class Meta:
        db_table = "letter_consent"

    def __str__(self) -> str:
        return f"{self.channel} {self.kind} of customer {self.customer_id}: {self.wanted}"


class Switch(models.Model):
    """Whether the shop sends a kind of letter by a channel, where that is not as the kind says."""

    pk = models.CompositePrimaryKey("channel", "kind")
    channel = models.TextField()
    kind = models.TextField()
    on = models.BooleanField()

    class Meta:
        db_table = "letter_switch"

    def __str__(self) -> str:
        return f"{self.channel} {self.kind}: {self.on}"


class Way(models.Model):
    """How a channel's provider is doing: one that fails rests, longer each time, and then gets one letter."""

    channel = models.TextField(primary_key=True)
    provider = models.TextField(db_default="")
    failures = models.IntegerField(db_default=0)  # one after the other
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    last_problem = models.TextField(db_default="")
    last_sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "letter_way"

    def __str__(self) -> str:
        return self.channel
