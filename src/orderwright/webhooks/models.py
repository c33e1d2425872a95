"""Endpoints of other systems, their secrets, and what is delivered to them: deliveries, and attempts as a log."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from orderwright.kernel.models import NextId


class EndpointState(models.TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"  # its deliveries wait
    DELETED = "deleted"  # kept without address, owner and secrets until its deliveries are forgotten


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; can be sent again


class Endpoint(models.Model):
    """An address of another system that is told of events.

    Its row's lock guards the line of its deliveries: who adds to the line or takes from it holds the lock.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId("webhook_endpoint_id_seq"))
    url = models.TextField()
    kinds = ArrayField(models.TextField())  # order.placed, order.* or *
    description = models.TextField(db_default="")
    owner_email = models.TextField(db_default="")  # whom a letter tells that it was paused; personal: nowhere but here
    concurrency = models.SmallIntegerField(db_default=8)  # requests at once, of one sender
    state = models.TextField(choices=EndpointState.choices, db_default=EndpointState.ACTIVE)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.TextField(db_default="")  # hand, failures, gone
    wanted_since = models.TextField(db_default="")  # cursor: its kinds are wanted of all events behind it
    version = models.IntegerField(db_default=1)
    created_at = models.DateTimeField()
    # How it is doing; written where answers are settled.
    last_attempt_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)  # no success since then
    failures = models.IntegerField(db_default=0)  # one after the other
    rests_until = models.DateTimeField(null=True)  # it is asked nothing until then
    last_problem = models.TextField(db_default="")

    class Meta:
        db_table = "webhook_endpoint"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="paused", paused_at__isnull=False)
                | (~models.Q(state="paused") & models.Q(paused_at__isnull=True)),
                name="webhook_endpoint_paused_at",
            ),
            models.CheckConstraint(condition=models.Q(concurrency__gte=1), name="webhook_endpoint_concurrency"),
        ]

    def __str__(self) -> str:
        return f"webhook {self.id}"


class Secret(models.Model):
    """What signs the messages to an endpoint; while one is replaced by the next, both sign."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets")
    secret = models.TextField()  # whsec_ and the key in base64
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_secret"

    def __str__(self) -> str:
        return f"a secret of webhook {self.endpoint_id}"


class Delivery(models.Model):
    """An event that an endpoint is to be told of.  The event's row is what is told: nothing of it is copied.

    In the line of an order only the first that waits has its turn (`due_at`); the others have none until it is
    delivered or given up.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId("webhook_delivery_id_seq"))
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    event_id = models.BigIntegerField()
    kind = models.TextField()  # the event's
    order_id = models.BigIntegerField(null=True)  # the event's
    place_in_order = models.IntegerField(null=True)  # the event's
    state = models.TextField(choices=DeliveryState.choices, db_default=DeliveryState.WAITING)
    due_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)  # somebody is sending it
    tries = models.IntegerField(db_default=0)  # ever
    failures = models.IntegerField(db_default=0)  # since it was written, replayed or resumed
    first_failed_at = models.DateTimeField(null=True)  # of these
    replays = models.IntegerField(db_default=0)
    written_at = models.DateTimeField(db_default=Now(), editable=False)  # the database's time, for forgetting
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_delivery"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", settled_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(settled_at__isnull=False, due_at__isnull=True)),
                name="webhook_delivery_settled",
            ),
        ]
        indexes = [
            models.Index(
                "endpoint",
                "due_at",
                "id",
                name="webhook_delivery_due",
                condition=models.Q(state="waiting", due_at__isnull=False),
            ),
            models.Index(
                "endpoint",
                "order_id",
                "place_in_order",
                name="webhook_delivery_line",
                condition=models.Q(state="waiting"),
            ),
            models.Index("endpoint", "id", name="webhook_delivery_log"),
            models.Index("endpoint", "id", name="webhook_delivery_failed", condition=models.Q(state="failed")),
            models.Index("written_at", name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.id}"


class Attempt(models.Model):
    """One request to an endpoint, and its answer.  A log: forgotten after a time together with its delivery."""

    pk = models.CompositePrimaryKey("delivery", "number")
    delivery = models.ForeignKey(
        Delivery, on_delete=models.DO_NOTHING, related_name="attempts", db_index=False, db_constraint=False
    )
    number = models.IntegerField()
    at = models.DateTimeField()
    seconds = models.FloatField()
    url = models.TextField()
    outcome = models.TextField()  # delivered, refused (an answer that is not 2xx), or why there was no answer
    status = models.SmallIntegerField(null=True)  # HTTP
    headers = models.JSONField()  # of the answer
    answer = models.TextField()  # its first 2,000 characters

    class Meta:
        db_table = "webhook_attempt"

    def __str__(self) -> str:
        return f"attempt {self.number} of delivery {self.delivery_id}"
