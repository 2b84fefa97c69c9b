"""`poller check`: would it work here, and if not, what to do."""

import typer

from poller.cli.door import AsJson, desk
from poller.cli.output import print_json, print_table


def command(context: typer.Context, as_json: AsJson = False) -> None:
    """Check settings, shop, state store and Segment.

    Exits 1 if something must be put right.
    """
    findings = desk(context).check()
    if as_json:
        print_json(findings)
    else:
        print_table(
            ("", "what", "found", "what to do"),
            [(finding.level, finding.topic, finding.text, finding.remedy) for finding in findings],
        )
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(1)
