"""`harness doctor`: is everything there that a run needs, and what to do where it is not?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.verbs import common
from harness.verbs.common import MISSED, PASSED


@click.command()
@click.option("--no-trial", is_flag=True, help="Do not load the pipeline, send it nothing.")
@common.reports
@common.config
@common.as_json
def doctor(config: str, reports: str, no_trial: bool, as_json: bool) -> None:
    """Look at interpreter, libraries, machine, config, model, memory and disk; try one request.

    Every line is OK, LOOK (runs work; worth knowing) or BROKEN, with what to do. Ends with 1 where
    a line is BROKEN.
    """
    from dataclasses import asdict

    from harness.report.doctor_table import doctor_table
    from harness.run.doctor.examine import examine

    seen = [asdict(line) for line in examine(Path(config), Path(reports), tries=not no_trial)]
    text = doctor_table(seen, colour=common.colour())
    click.echo(common.to_json({"lines": seen}) if as_json else text, nl=as_json)
    sys.exit(MISSED if any(line["state"] == "BROKEN" for line in seen) else PASSED)
