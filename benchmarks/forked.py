"""Runs every snippet both forked and with `python` itself; names each that prints something else, and how often.

What varies from run to run, because threads race, has to be seen with `python` alone as well: raise TRIES to see it.
"""

import re
import sys
from pathlib import Path

from guide.project import Project
from guide.runs import WITHOUT_GREENLET, Forker, Run, Subprocesses
from guide.snippets import all_snippets

PROJECT = Project(Path(__file__).resolve().parents[1])
TRIES = 5
ENDS = ("", WITHOUT_GREENLET)


def compared(run: Run) -> tuple:
    """What two runs of one program have in common: all but addresses, numbers of objects, times and folders."""
    varying = r"20\d\d-\d\d-\d\d [0-9:,]+|[0-9.]+s\]|0x[0-9a-f]+|%\(\d+|(?<=id=)\d+|/tmp/tmp\w+"
    return run.status, re.sub(varying, "…", run.stdout), re.sub(varying, "…", run.stderr), run.files_left


def main() -> None:
    different = 0
    for environment, needs_greenlet in [(f"{series}{end}", not end) for series in PROJECT.series for end in ENDS]:
        forker, real = Forker(PROJECT, environment), Subprocesses(PROJECT, environment)
        for path in [snippet.path for snippet in all_snippets(PROJECT) if snippet.needs_greenlet == needs_greenlet]:
            if compared(forker.run(path)) == compared(real.run(path)):
                continue
            alone, forked = ([compared(kind.run(path)) for _ in range(TRIES)] for kind in (real, forker))
            often = sum(run not in alone for run in forked)
            different += often > 0
            print(f"{path}, SQLAlchemy {environment}: {often} of {TRIES} forked runs differ from all real ones")
        forker.close()
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
