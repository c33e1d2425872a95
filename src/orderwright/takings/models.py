"""Counts of what was sold, so that a day is added up from a hundred rows and not from a hundred thousand orders."""

from django.db import models

from orderwright.catalog.models import Channel


class Taking(models.Model):
    """What was sold in a quarter of an hour: the hours and days of every time zone are made of quarters.

    A projection of the log with one writer, `takings.counting`.
    """

    pk = models.CompositePrimaryKey("quarter_at", "channel_id", "currency")
    quarter_at = models.DateTimeField()  # when it begins
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.TextField()
    orders = models.BigIntegerField()  # placed in it
    sold_minor = models.BigIntegerField()  # what they came to when they were placed, and more by edits
    taken_back_minor = models.BigIntegerField()  # what was taken off orders, by canceling and editing, in it

    class Meta:
        db_table = "taking"

    def __str__(self) -> str:
        return f"{self.orders} orders since {self.quarter_at}"
