"""Endpoints as their owners want them: made, changed, deleted; and their secrets, each shown once."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, feed, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal, Stale
from orderwright.kernel.events import Happening, record
from orderwright.webhooks import signing
from orderwright.webhooks.following import lock_reader
from orderwright.webhooks.guarding import check_url
from orderwright.webhooks.models import Endpoint, EndpointState, Secret

MOST_ENDPOINTS = 1000
MOST_KINDS = 100
MOST_AT_ONCE = 64
MOST_SECRETS = 5
LONGEST_OVERLAP = timedelta(days=30)
KIND = re.compile(r"\*|[a-z_]{1,40}\.([a-z_]{1,40}|\*)")


class TooManyWebhooks(Refusal):
    code = "too_many_webhooks"
    sentence = _("There are {most} webhooks already.")


class TooManySecrets(Refusal):
    code = "too_many_secrets"
    sentence = _("{most} secrets sign for this webhook already; wait until one expires.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An endpoint as someone wants it to be."""

    url: str
    kinds: Collection[str] = ("*",)
    description: str = ""
    owner_email: str = ""
    concurrency: int = 8


FIELDS = tuple(field.name for field in fields(Wish))


@transaction.atomic
def create_webhook(wish: Wish, *, actor: Actor, secret: str = "") -> tuple[Endpoint, str]:
    """Tell an address what happens from now on; answers it, and the secret that is not shown again.

    Whoever moves here from elsewhere may bring the secret that their receivers know.
    """
    _check(wish)
    if secret and not signing.is_secret(secret):
        raise Invalid(field="secret", problem=_("whsec_ and 24 to 64 bytes in base64 are needed"))
    stands = lock_reader()  # so that the reader sees the endpoint before the next event
    if sql.value("SELECT count(*) FROM webhook_endpoint WHERE state <> 'deleted'") >= MOST_ENDPOINTS:
        raise TooManyWebhooks(most=MOST_ENDPOINTS)
    now = clock.now()
    wanted_since = feed.behind([stands, feed.end()])
    created = Endpoint.objects.create(**_values(wish), wanted_since=wanted_since, created_at=now)
    secret = secret or signing.new_secret()
    Secret.objects.create(endpoint=created, secret=secret, created_at=now)
    record([Happening("webhook.created", actor, {"webhook": created.pk, "kinds": sorted(wish.kinds)})])
    return Endpoint.objects.get(pk=created.pk), secret


@transaction.atomic
def edit_webhook(webhook_id: int, changes: Mapping[str, Any], *, seen: int | None, actor: Actor) -> Endpoint:
    """Change some fields, if the endpoint is still at the version that was `seen` (None: whatever it is at).

    New kinds are wanted of all events that were not dealt with yet.  A change that changes nothing makes no version.
    """
    stands = lock_reader() if "kinds" in changes else ""
    endpoint = locked(webhook_id)
    if seen is not None and seen != endpoint.version:
        raise Stale(thing=f"webhook {webhook_id}", version=endpoint.version)
    before = {field: getattr(endpoint, field) for field in FIELDS}
    wish = Wish(**{**before, **changes})
    _check(wish)
    changed = {field: value for field, value in _values(wish).items() if value != before[field]}
    if changed:
        if "kinds" in changed:
            changed["wanted_since"] = stands
        if "url" in changed:
            changed |= {"failures": 0, "failing_since": None, "rests_until": None}  # the new address has not failed
        for field, value in changed.items():
            setattr(endpoint, field, value)
        endpoint.version += 1
        endpoint.save(update_fields=[*changed, "version"])
        if "url" in changed:
            try_anew(webhook_id)
        facts = {"fields": sorted(set(changed) & set(FIELDS))}
        record([Happening("webhook.edited", actor, {"webhook": webhook_id, "version": endpoint.version, **facts})])
    return endpoint


@transaction.atomic
def delete_webhook(webhook_id: int, *, actor: Actor) -> None:
    """Tell it nothing any more.  Address, owner and secrets are gone at once; its log is forgotten in time."""
    lock_reader()
    endpoint = locked(webhook_id)
    Secret.objects.filter(endpoint=endpoint).delete()
    Endpoint.objects.filter(pk=webhook_id).update(
        state=EndpointState.DELETED, url="", owner_email="", description="", paused_at=None, paused_by=""
    )
    record([Happening("webhook.deleted", actor, {"webhook": webhook_id})])


@transaction.atomic
def rotate_secret(webhook_id: int, *, overlap: timedelta, actor: Actor, secret: str = "") -> tuple[str, datetime]:
    """Give an endpoint a new secret; those before it sign along for `overlap`.  Answers it, and until when they do."""
    if secret and not signing.is_secret(secret):
        raise Invalid(field="secret", problem=_("whsec_ and 24 to 64 bytes in base64 are needed"))
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(field="overlap_seconds", problem=_("thirty days at most"))
    locked(webhook_id)
    now = clock.now()
    expire = now + overlap
    Secret.objects.filter(endpoint_id=webhook_id, expires_at__lte=now).delete()
    if overlap and Secret.objects.filter(endpoint_id=webhook_id).count() >= MOST_SECRETS:
        raise TooManySecrets(most=MOST_SECRETS)
    Secret.objects.filter(endpoint_id=webhook_id, expires_at=None).update(expires_at=expire)
    Secret.objects.filter(endpoint_id=webhook_id, expires_at__gt=expire).update(expires_at=expire)
    secret = secret or signing.new_secret()
    Secret.objects.create(endpoint_id=webhook_id, secret=secret, created_at=now)
    record([Happening("webhook.secret_rotated", actor, {"webhook": webhook_id, "old_expire_at": expire})])
    return secret, expire


def locked(webhook_id: int) -> Endpoint:
    """An endpoint, and with it the line of its deliveries, locked.  Refused where there is none."""
    found = (
        Endpoint.objects.select_for_update(no_key=True)
        .filter(pk=webhook_id)
        .exclude(state=EndpointState.DELETED)
        .first()
    )
    if found is None:
        raise NotFound(thing=_("webhook"), name=webhook_id)
    return found


def try_anew(webhook_id: int) -> None:
    """Have all that waits for a locked endpoint tried now, as if nothing had failed."""
    sql.run(TRY_ANEW, [clock.now(), webhook_id])


def check_kinds(kinds: Collection[str]) -> None:
    """Refuse what cannot be a kind of event."""
    if not 1 <= len(kinds) <= MOST_KINDS or not all(KIND.fullmatch(kind) for kind in kinds):
        raise Invalid(field="kinds", problem=_("1 to 100 kinds are needed, such as order.placed, order.* or *"))


def _values(wish: Wish) -> dict[str, Any]:
    return {field: getattr(wish, field) for field in FIELDS} | {"kinds": sorted(set(wish.kinds))}


def _check(wish: Wish) -> None:
    check_url(wish.url)
    check_kinds(wish.kinds)
    if not 1 <= wish.concurrency <= MOST_AT_ONCE:
        raise Invalid(field="concurrency", problem=_("1 to 64 requests at once"))
    if wish.owner_email:
        try:
            validate_email(wish.owner_email)
        except ValidationError as error:
            raise Invalid(field="owner_email", problem=_("this is no e-mail address")) from error


TRY_ANEW = """
    UPDATE webhook_delivery
       SET due_at = %s::timestamptz, failures = 0, first_failed_at = NULL
     WHERE endpoint_id = %s::bigint AND state = 'waiting' AND due_at IS NOT NULL
"""
