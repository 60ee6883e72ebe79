"""Runs a sample of the examples by their addresses on the published site, as a reader would, with uv."""

import re
import subprocess
from collections.abc import Iterator

from guide.project import Project
from guide.runs import Run
from guide.snippets import NO_DRIVER, Snippet, all_snippets
from guide.verdicts import before_problem

SIZE = 12
MINUTES = 5


def drawn(project: Project, week: int) -> list[Snippet]:
    """Some befores that need no server; another week takes others, and in time each has its turn."""
    embedded = (next(iter(project.drivers)), NO_DRIVER)
    alone = [snippet for snippet in all_snippets(project) if snippet.must_fail and snippet.driver in embedded]
    failing = [snippet for snippet in alone if snippet.marks_on(project.series[-1])]
    groups = max(1, len(failing) // SIZE)
    return failing[week % groups :: groups]


def problems(project: Project, url: str, week: int) -> Iterator[str]:
    """What fails among the examples of a week when they are run by their addresses below `url`."""
    for snippet in drawn(project, week):
        address = f"{url}code/{snippet.slug}/{snippet.path.name}"
        done = subprocess.run(
            ["uv", "run", "--no-project", address],
            capture_output=True,
            text=True,
            timeout=MINUTES * 60,
        )
        series = project.series[-1]
        run = Run(done.returncode, done.stdout, named_as(snippet, done.stderr))
        if problem := before_problem(snippet, snippet.marks_on(series), f"{series}, as {address}", run):
            yield problem


def named_as(snippet: Snippet, stderr: str) -> str:
    """What was printed, with the snippet's own path in place of the file that uv downloads it to."""
    downloaded = re.compile(rf'"[^"]*{re.escape(snippet.path.stem)}[^"/]*\.py"')
    return downloaded.sub(lambda _: f'"{snippet.path}"', stderr)
