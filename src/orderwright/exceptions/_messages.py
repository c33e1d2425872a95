"""Messages that do not get through: dead webhooks, deliveries that were given up, refused letters and imports."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from orderwright.channels.passing_over import pass_over
from orderwright.exceptions.kinds import Asked, Choice, Kind, Stands
from orderwright.kernel.actors import Actor
from orderwright.notifications.resending import resend as send_letter_again
from orderwright.webhooks.pausing import pause_webhook, resume_webhook
from orderwright.webhooks.replaying import resend_failed


def _pause(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"state": str(pause_webhook(int(one.subject), actor=actor).state)}


def _resume(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"state": str(resume_webhook(int(one.subject), actor=actor).state)}


def _resend(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"resent": resend_failed(int(one.subject), actor=actor)}


def _resend_letter(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"letter": send_letter_again(int(one.subject))}


def _pass_over(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return {"passed_over": pass_over(int(one.facts["import"]), str(one.facts["reason"]))}


WEBHOOK_FAILING = """
    SELECT w.id::text AS subject, NULL::bigint AS order_id, w.failing_since AS since,
           jsonb_build_object('webhook', w.id, 'problem', w.last_problem) AS facts
      FROM webhook_endpoint w
     WHERE w.state = 'active' AND w.failing_since <= %(before)s::timestamptz
"""

# Somebody who pauses it by hand knows why.
WEBHOOK_PAUSED = """
    SELECT w.id::text AS subject, NULL::bigint AS order_id, w.paused_at AS since,
           jsonb_build_object('webhook', w.id, 'by', w.paused_by, 'problem', w.last_problem) AS facts
      FROM webhook_endpoint w
     WHERE w.state = 'paused' AND w.paused_by <> 'hand' AND w.paused_at <= %(before)s::timestamptz
"""

DELIVERY_FAILED = """
    SELECT w.id::text AS subject, NULL::bigint AS order_id, failed.since,
           jsonb_build_object('webhook', w.id, 'deliveries', failed.deliveries) AS facts
      FROM webhook_endpoint w
     CROSS JOIN LATERAL (SELECT count(*) AS deliveries, min(d.settled_at) AS since FROM webhook_delivery d
                          WHERE d.endpoint_id = w.id AND d.state = 'failed') failed
     WHERE w.state <> 'deleted' AND failed.since <= %(before)s::timestamptz
"""

# It was sent once more since, or nobody needs it any longer.
LETTER_REFUSED = """
    SELECT l.id::text AS subject, l.order_id, l.settled_at AS since,
           jsonb_build_object('letter', l.id, 'kind', l.kind, 'channel', l.channel, 'reason', l.reason)
           || coalesce(jsonb_build_object('order', o.number), '{}') AS facts
      FROM letter l
      LEFT JOIN orders o ON o.id = l.order_id
     WHERE l.state = 'refused' AND l.settled_at <= %(before)s::timestamptz
       AND l.settled_at > %(now)s::timestamptz - interval '30 days'
       AND NOT EXISTS (SELECT FROM letter n
                        WHERE n.event_id = l.event_id AND n.kind = l.kind AND n.channel = l.channel
                          AND n.package = l.package AND n.copy > l.copy)
"""

IMPORT_REFUSED = """
    SELECT i.id || ' ' || r.reason AS subject, NULL::bigint AS order_id, i.started_at AS since,
           jsonb_build_object('import', i.id, 'channel', c.code, 'source', i.source, 'reason', r.reason,
                              'lines', r.lines, 'documents', r.documents, 'first', r.first) AS facts
      FROM (SELECT run_id, reason, count(*) AS lines, count(DISTINCT reference) AS documents, min(reference) AS first
              FROM inbound WHERE outcome = 'refused' AND passed_over_at IS NULL
             GROUP BY run_id, reason) r
      JOIN order_import i ON i.id = r.run_id
      JOIN channel c ON c.id = i.channel_id
     WHERE i.started_at <= %(before)s::timestamptz
"""

KINDS = (
    Kind(
        code="webhook_failing",
        about="webhook",
        cause=_("Webhook {webhook} has taken nothing for hours: {problem}"),
        next_step=_("Tell its owner. What waits for it is told in order when it answers again; nothing is lost."),
        hours=6,
        find=WEBHOOK_FAILING,
        choices=(Choice("pause", _("Ask it nothing until it is mended."), "webhooks.pausing", _pause),),
    ),
    Kind(
        code="webhook_paused",
        about="webhook",
        cause=_("Webhook {webhook} was paused by itself ({by}): {problem}"),
        next_step=_("Tell its owner, and resume it when it is mended: what waits is told in order."),
        hours=0,
        find=WEBHOOK_PAUSED,
        choices=(Choice("resume", _("Tell it what waits, and all that follows."), "webhooks.pausing", _resume),),
    ),
    Kind(
        code="delivery_failed",
        about="webhook",
        cause=_("{deliveries} events were given up that webhook {webhook} did not take."),
        next_step=_("Find out what it has against them, and tell it again."),
        hours=0,
        find=DELIVERY_FAILED,
        choices=(Choice("resend", _("Tell it all of them again."), "webhooks.replaying", _resend),),
    ),
    Kind(
        code="letter_refused",
        about="letter",
        cause=_("Letter {letter} ({kind}, {channel}) could not be sent: {reason}."),
        next_step=_(
            "Put the address right and send it again; or tell the customer otherwise. After 30 days it is let go."
        ),
        hours=0,
        find=LETTER_REFUSED,
        choices=(Choice("resend", _("Send it again."), "notifications.resending", _resend_letter),),
    ),
    Kind(
        code="import_refused",
        about="import",
        cause=_(
            "{lines} lines of {documents} documents in {source} ({channel}) were refused: {reason}. First: {first}."
        ),
        next_step=_(
            "Put right what is missing here and import the same files again with --retry-refused, or leave it."
        ),
        hours=0,
        find=IMPORT_REFUSED,
        choices=(Choice("pass_over", _("Leave it at that."), "channels.passing_over", _pass_over),),
    ),
)
