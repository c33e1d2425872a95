"""/desk/stock/-/import and export: stock levels from a CSV file, tried out before they are set; and into one."""

from collections import Counter

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from orderwright.inventory.importing import Outcome, RowAnswer, export_levels, import_levels
from orderwright.kernel import clock
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import page, say

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5000
MOST_SHOWN = 1000
TYPES = ("text/csv", "text/plain", "application/csv", "application/vnd.ms-excel", "application/octet-stream")
OUTCOMES = {
    Outcome.SET: ("good", gettext_lazy("Set")),
    Outcome.UNCHANGED: ("calm", gettext_lazy("Unchanged")),
    Outcome.REFUSED: ("bad", gettext_lazy("Refused")),
}


class FileTooLarge(Refusal):
    code = "file_too_large"
    status = 413
    sentence = gettext_lazy(
        "A file of {most_rows} rows and {most_bytes} bytes at most can be taken here. The command line takes more."
    )


class NotAFileOfRows(Refusal):
    code = "not_a_file_of_rows"
    status = 415
    sentence = gettext_lazy("This is not a CSV file: “{name}” is {kind}.")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("stock:write")
def take_in(request: Visit) -> HttpResponse:
    """Choose a file, see what each row would do, then have it done."""
    if request.method != "POST":
        return page(request, "stock/import.html", {"most_rows": MOST_ROWS})
    content, name = _content(request)
    dry_run = request.POST.get("do") != "apply"
    answers = import_levels(content, reference=name, actor=request.actor, dry_run=dry_run)
    counted = Counter(answer.outcome for answer in answers)
    words = {
        "dry_run": dry_run,
        "name": name,
        "content": content.decode("utf-8-sig"),
        "rows": [_shown(answer) for answer in answers[:MOST_SHOWN]],
        "more": max(0, len(answers) - MOST_SHOWN),
        "counts": [(OUTCOMES[outcome], counted[outcome]) for outcome in Outcome if counted[outcome]],
        "changes": counted[Outcome.SET],
    }
    if not dry_run:
        say(request, _("{set} levels were set.").format(set=counted[Outcome.SET]))
    return page(request, "stock/imported.html", words)


def _content(request: Visit) -> tuple[bytes, str]:
    """What was uploaded, or what was tried out before and comes back with the page; checked before it is read."""
    upload = request.FILES.get("file")
    if upload is not None and not isinstance(upload, list):
        name, size = str(upload.name or "")[-100:], upload.size or 0
        if size > MOST_BYTES:
            raise FileTooLarge(most_rows=MOST_ROWS, most_bytes=MOST_BYTES)
        content = upload.read()
        if upload.content_type not in TYPES or b"\x00" in content:
            raise NotAFileOfRows(name=name, kind=upload.content_type or "?")
    else:
        name = reading.text(request.POST, "name", most=100)
        content = request.POST.get("content", "").encode()
    if not content.strip():
        raise Invalid(field="file", problem=_("is needed"))
    if len(content) > MOST_BYTES or content.count(b"\n") > MOST_ROWS:
        raise FileTooLarge(most_rows=MOST_ROWS, most_bytes=MOST_BYTES)
    return content, name


def _shown(answer: RowAnswer) -> dict[str, object]:
    tone, label = OUTCOMES[answer.outcome]
    return {"answer": answer, "tone": tone, "label": label}


@require_safe
@allow("stock:read")
def give_out(request: Visit) -> StreamingHttpResponse:
    """All levels as CSV, row by row; edited, it can be taken in again."""
    answer = StreamingHttpResponse((line.encode() for line in export_levels()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="stock-{clock.now():%Y-%m-%d-%H%M}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


PATHS = [path("desk/stock/-/import", take_in), path("desk/stock/-/export", give_out)]
