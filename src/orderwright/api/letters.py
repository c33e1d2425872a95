"""/v1/letters: what was told to customers and to the shop, once more or as a trial; who wants which letters."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Id, Truth
from orderwright.api.once import asks_outside
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.customers import queries as customers
from orderwright.notifications import queries, resending, switching, templating, ways
from orderwright.notifications.kinds import KINDS
from orderwright.notifications.queries import LetterSeen

router = Router()

READ = needs("letters:read")
WRITE = needs("letters:write")

KindOfLetter = Literal[
    "order_confirmed", "payment_due", "shipped", "out_for_delivery", "ready_for_pickup", "delivery_failed",
    "delivered", "delayed", "sooner", "backordered", "canceled", "partly_canceled", "order_edited", "refunded",
    "package_lost", "package_returned", "sign_in_link", "claim_link", "webhook_paused",
    "authorization_expiring", "stock_low", "stock_out",
]  # fmt: skip
Channel = Literal["email", "sms"]
State = Literal["waiting", "sent", "refused", "suppressed"]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?$", examples=["de"])]
Address = Annotated[
    str, Field(pattern=r"^[^@\s<>,;\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,190}$", examples=["me@shop.example"])
]


class LetterOut(Schema):
    id: int
    event_id: int = Field(description="The event that it tells of.")
    kind: KindOfLetter
    channel: Channel
    package: str = Field(description="The only package that it is about; empty: it is about the order.")
    copy_number: int = Field(description="0: the letter itself; 1, 2 …: it was sent once more.")
    resent: int | None = Field(description="The letter that this one is a copy of.")
    order: str | None
    customer: int | None
    state: State
    reason: str = Field(description="Why it is suppressed or refused, or what the last try came to.")
    written_at: datetime
    next_try_at: datetime | None
    tries: int
    settled_at: datetime | None
    sent_at: datetime | None
    provider: str
    answer: str = Field(description="The provider's words.")
    message_id: str = Field(description="Always the same, so that whoever gets it twice can tell.")
    language: str
    subject: str


class LetterWithWordsOut(LetterOut):
    html: str = Field(description="As it was sent; empty before that, and once its customer was forgotten.")
    text: str


class PreviewIn(Body):
    kind: KindOfLetter
    order: Code
    language: Language | None = Field(None, description="The customer's own, where it is left out.")


class TestIn(PreviewIn):
    to: Address = Field(description="An address of the shop's own; it is not kept.")


class PreviewOut(Schema):
    language: str
    subject: str
    html: str
    text: str


class TestOut(Schema):
    provider: str
    answer: str
    message_id: str


class LetterChannelOut(Schema):
    channel: Channel
    provider: str
    waiting: int
    oldest_at: datetime | None = Field(description="When the oldest that waits was written.")
    refused: int = Field(description="In the last three days.")
    failures: int = Field(description="One after the other.")
    failing_since: datetime | None
    rests_until: datetime | None
    last_problem: str
    last_sent_at: datetime | None


class LettersHealthOut(Schema):
    channels: list[LetterChannelOut]
    broken_templates: dict[str, str] = Field(description="What is wrong with the shop's own templates, by file.")


class LetterKindOut(Schema):
    kind: KindOfLetter
    name: str
    events: list[str] = Field(description="That cause it.")
    to_staff: bool
    email: bool
    sms: bool | None = Field(description="Null: it goes by no SMS.")


class SwitchIn(Body):
    email: Truth | None = None
    sms: Truth | None = None


class WordIn(Body):
    channel: Channel
    kind: KindOfLetter | Literal["*"] = Field(description="*: all kinds on which nothing was said.")
    wanted: Truth


class WordsIn(Body):
    letters: Annotated[list[WordIn], Field(min_length=1, max_length=100)]


class WordOut(Schema):
    channel: Channel
    kind: str
    wanted: bool


class WordsOut(Schema):
    customer: int
    letters: list[WordOut]


@router.get("/letters", response=Page[LetterOut], auth=READ, summary="List letters")
def list_letters(
    request: HttpRequest,
    order: Code | None = None,
    customer: Id | None = None,
    kind: KindOfLetter | None = None,
    channel: Channel | None = None,
    state: State | None = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The newest first."""
    filters = queries.Filters(order, customer, kind, channel, state)
    found = queries.letters(filters, before=place(after, int), limit=limit + 1)
    return page([_shown(letter) for letter in found], [letter.id for letter in found], limit)


@router.get("/letters/health", response=LettersHealthOut, auth=READ, summary="How letters get out")
def letters_health(request: HttpRequest) -> dict[str, Any]:
    """What waits, since when, and which provider fails."""
    return {"channels": [one._asdict() for one in ways.health()], "broken_templates": templating.broken()}


@router.get("/letters/kinds", response=list[LetterKindOut], auth=READ, summary="List the kinds of letters")
def list_letter_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """Each with the events that cause it, and whether the shop sends it."""
    return _kinds()


@router.patch("/letters/kinds/{kind}", response=LetterKindOut, auth=WRITE, summary="Switch a kind of letter on or off")
def switch_letter_kind(request: HttpRequest, kind: KindOfLetter, body: SwitchIn) -> dict[str, Any]:
    """For the whole shop; what waits to be sent obeys too."""
    for channel, on in body.dict(exclude_none=True).items():
        switching.switch(kind, channel, on, actor=actor(request))
    return next(one for one in _kinds() if one["kind"] == kind)


@router.post("/letters/preview", response=PreviewOut, auth=READ, summary="Preview a letter")
def preview_letter(request: HttpRequest, body: PreviewIn) -> dict[str, Any]:
    """A letter about the last thing that happened to an order and has such a letter.  Nothing is written or sent."""
    return resending.preview(body.kind, body.order, language=body.language or "").composed._asdict()


@router.post("/letters/test", response=TestOut, auth=WRITE, summary="Send a test letter")
@asks_outside
def send_test_letter(request: HttpRequest, body: TestIn) -> dict[str, Any]:
    """The same letter, to an address of the shop's own, at once."""
    return resending.send_test(body.kind, body.order, body.to, language=body.language or "")._asdict()


@router.get("/letters/{letter}", response=LetterWithWordsOut, auth=READ, summary="Get a letter")
def get_letter(request: HttpRequest, letter: Id) -> dict[str, Any]:
    """With all that was rendered."""
    return _shown(queries.letter(letter)) | queries.words(letter)._asdict()


@router.post("/letters/{letter}/resend", response={202: LetterOut}, auth=WRITE, summary="Resend a letter")
def resend_letter(request: HttpRequest, letter: Id) -> Status[dict[str, Any]]:
    """A new letter about the same event, rendered anew.  Whoever wants no such letters gets none."""
    return Status(202, _shown(queries.letter(resending.resend(letter))))


@router.get("/customers/{customer_id}/letters", response=WordsOut, auth=READ, summary="Which letters a customer wants")
def get_letter_wishes(request: HttpRequest, customer_id: Id) -> dict[str, Any]:
    """What was said.  Where nothing was, a customer gets letters by e-mail, and none by SMS."""
    return _wishes(customers.customer(customer_id).pk)


@router.put("/customers/{customer_id}/letters", response=WordsOut, auth=WRITE, summary="Say which letters are wanted")
def put_letter_wishes(request: HttpRequest, customer_id: Id, body: WordsIn) -> dict[str, Any]:
    """What is named here stands from now on; on all else, what was said before."""
    words = [switching.Said(word.channel, word.kind, word.wanted) for word in body.letters]
    switching.say(customer_id, words, actor=actor(request))
    return _wishes(customer_id)


def _wishes(customer_id: int) -> dict[str, Any]:
    words = switching.words_of([customer_id])[customer_id]
    said = [{"channel": channel, "kind": kind, "wanted": wanted} for (channel, kind), wanted in sorted(words.items())]
    return {"customer": customer_id, "letters": said}


def _kinds() -> list[dict[str, Any]]:
    on = switching.switches()
    return [
        {
            "kind": kind.code,
            "name": str(kind.name),
            "events": list(kind.events),
            "to_staff": kind.staff,
            "email": on[kind.code, "email"],
            "sms": on.get((kind.code, "sms")),
        }
        for kind in KINDS.values()
    ]


def _shown(letter: LetterSeen) -> dict[str, Any]:
    shown = letter._asdict()
    shown["copy_number"], shown["next_try_at"] = shown.pop("copy"), shown.pop("due_at")
    return shown | {"message_id": letter.message_id}


assert set(KindOfLetter.__args__) == KINDS.keys(), "KindOfLetter names all kinds"  # type: ignore[attr-defined]
