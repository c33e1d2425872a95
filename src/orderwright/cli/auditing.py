"""`orderwright audit`."""

import json
import sys
import time

import click

from orderwright.cli.django_command import DjangoCommand
from orderwright.flows.audit import EXAMPLES, Finding, audit


@click.command("audit", cls=DjangoCommand)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
@click.option("--connections", default=2, show_default=True, type=click.IntRange(1, 16), help="How many work at once.")
def command(as_json: bool, connections: int) -> None:
    """Check that every unit and every penny is accounted for, on the live database.

    Names what is wrong, with examples, and ends with exit code 1 if anything is.
    """
    begun = time.monotonic()
    findings = audit(connections=connections)
    seconds = time.monotonic() - begun
    wrong = [finding for finding in findings if finding.wrong]
    if as_json:
        click.echo(json.dumps(_as_json(findings, seconds), default=str, indent=2))
    else:
        for finding in findings:
            click.echo(_line(finding))
        click.echo(_verdict(len(findings), len(wrong), seconds))
    if wrong:
        sys.exit(1)


def _line(finding: Finding) -> str:
    mark = click.style("WRONG", fg="red") if finding.wrong else click.style("ok   ", fg="green")
    lines = [f"{mark}  {finding.check.sentence}"]
    if finding.wrong:
        lines.append(f"       {finding.check.name}: {finding.wrong} found")
        for example in finding.examples:
            lines.append("         " + ", ".join(f"{name} {value}" for name, value in example.items()))
        if finding.wrong > EXAMPLES:
            lines.append(f"         and {finding.wrong - EXAMPLES} more")
    return "\n".join(lines)


def _verdict(checks: int, wrong: int, seconds: float) -> str:
    if wrong:
        return f"{wrong} of {checks} checks found something wrong ({seconds:.1f} s)."
    return f"Clean: {checks} checks ({seconds:.1f} s)."


def _as_json(findings: list[Finding], seconds: float) -> dict[str, object]:
    return {
        "clean": not any(finding.wrong for finding in findings),
        "seconds": round(seconds, 3),
        "checks": [
            {
                "name": finding.check.name,
                "sentence": finding.check.sentence,
                "wrong": finding.wrong,
                "examples": finding.examples,
                "seconds": round(finding.seconds, 3),
            }
            for finding in findings
        ],
    }
