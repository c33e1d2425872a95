"""`orderwright replay`: the imported year, played."""

import gc
import json
import os
import signal
from datetime import datetime
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit, urlunsplit

import click
from tqdm import tqdm

from orderwright.cli.django_command import DjangoCommand
from orderwright.replay.beside import play_name
from orderwright.replay.playing import Progress, Wish, play

DAY = click.DateTime(["%Y-%m-%d"])


class Speed(click.ParamType[float | None]):
    """`max`, or a number: so many times as fast as life."""

    name = "max|N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float | None:
        """None is as fast as it goes."""
        try:
            times = None if value in ("max", None) else float(str(value))
        except ValueError:
            self.fail("it is max, or a number", param, ctx)
        if times is not None and times <= 0:
            self.fail("it is above zero", param, ctx)
        return times


@click.command(cls=DjangoCommand)
@click.option("--from", "since", type=DAY, help="The first day, YYYY-MM-DD; that of the first order.")
@click.option("--to", "until", type=DAY, help="The last day; that of the last order.")
@click.option("--speed", type=Speed(), default="max", help="max, or so many times as fast as life.")
@click.option("--channel", help="Whose orders; those of the last import, where it is left out.")
@click.option("--seed", default=1, show_default=True, help="The same seed plays the same.")
@click.option("--clean", is_flag=True, help="Enough stock; nobody says no, is late or loses anything.")
@click.option(
    "--report", "report_to", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as JSON."
)
def replay(
    since: datetime | None,
    until: datetime | None,
    speed: float | None,
    channel: str | None,
    seed: int,
    clean: bool,
    report_to: Path | None,
) -> None:
    """Play the imported orders again, as they were placed, against stock that comes as time goes by.

    The play has a database of its own beside the shop's (NAME_replay), made anew each time and kept afterwards; the
    shop is only read.  Ctrl-C stops it between two moments, with a report of what was played.  Ends with exit code 1
    where the audit of the played books finds anything.
    """
    wish = Wish(channel, since.date() if since else None, until.date() if until else None, clean, seed, speed)
    gc.set_threshold(200_000, 10, 100)  # a day is some hundred thousand tuples, and few of them are a circle
    stop = _StopKey()
    before = signal.signal(signal.SIGINT, stop)
    bar = tqdm(unit="days", disable=None)

    def tell(progress: Progress) -> None:
        bar.total = progress.of
        bar.set_description(f"{progress.day}", refresh=False)
        bar.set_postfix_str(" ".join(f"{name} {count:,}" for name, count in sorted(progress.tally.items())), False)
        bar.update(progress.days - bar.n)

    try:
        report = play(wish, tell, stop.pressed)
    finally:
        bar.close()
        signal.signal(signal.SIGINT, before)
    click.echo("\n".join(report.lines()))
    click.echo(f"Look at it: DATABASE_URL={_url()} orderwright run --no-demo")
    if report_to is not None:
        report_to.write_text(json.dumps(report.facts, indent=2) + "\n", encoding="utf-8")
    if not report.clean:
        raise click.ClickException("The audit of the played books is not clean.")


class _StopKey:
    """A signal's handler: stop between two moments; the second time, at once."""

    def __init__(self) -> None:
        self._pressed = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._pressed:
            raise KeyboardInterrupt
        self._pressed = True

    def pressed(self) -> bool:
        return self._pressed


def _url() -> str:
    """The address of the play's database, as a shell understands it."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{play_name(parts.path.lstrip('/'))}"))
    return f"'{url}'"
