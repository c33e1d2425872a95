"""People who work here, and the keys of programs."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class User(AbstractUser):
    """Somebody who works here; signs in by e-mail address, which is the user name too."""

    role = models.TextField(db_default="read_only")  # see staff.roles
    language = models.TextField(db_default="", blank=True)  # empty: the browser's
    time_zone = models.TextField(db_default="", blank=True)  # empty: the shop's

    class Meta:
        db_table = "staff_user"


class ApiKey(models.Model):
    """A program that may call us.  The key itself is shown once and kept only as a hash."""

    name = models.TextField()
    hash = models.BinaryField(unique=True)  # SHA-256 of the key: it has 256 random bits, so a slow hash adds nothing
    hint = models.TextField()  # its first characters, to recognize it
    scopes = ArrayField(models.TextField())  # see staff.permissions
    calls_per_minute = models.IntegerField(db_default=6000)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
