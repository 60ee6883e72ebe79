"""Milliseconds per snippet: forked, as a subprocess each, and run within one process, with the same two workers."""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pages import Page, all_pages
from project import DOCS, SERIES
from runner import IMPORTED, Forker, Subprocesses, interpreter
from snippets import all_snippets

WORKERS = 2
FRAMEWORK = re.compile(
    r"^(?:from|import) (?:alembic|celery|fastapi|jinja2|outcomes|pandas|pydantic|sqladmin|sqlmodel|strawberry)\b",
    re.MULTILINE,
)
IN_PROCESS = Path(__file__).with_name("in_process.py")


def seconds_with(kind: type[Forker] | type[Subprocesses], series: str, scripts: list[Path]) -> float:
    """The time that two runners of this kind, already started, need for all scripts."""
    runners = [kind(series) for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:

        def run_share(worker: int) -> None:
            for script in scripts[worker::WORKERS]:
                runners[worker].run(script)

        started = time.perf_counter()
        list(pool.map(run_share, range(WORKERS)))
        seconds = time.perf_counter() - started
    for runner in runners:
        runner.close()
    return seconds


def seconds_in_process(series: str, scripts: list[Path]) -> float:
    """The time that two processes, which have imported SQLAlchemy, need to run all scripts within themselves."""
    command = [interpreter(series), IN_PROCESS, ",".join(IMPORTED)]
    workers = [
        subprocess.Popen([*command, *scripts[worker::WORKERS]], stdout=subprocess.PIPE, text=True)
        for worker in range(WORKERS)
    ]
    return max(float(worker.communicate()[0]) for worker in workers)


def report(name: str, scripts: list[Path]) -> None:
    for series in SERIES:
        forked, alone, within = (
            seconds * WORKERS / len(scripts) * 1000
            for seconds in (
                seconds_with(Forker, series, scripts),
                seconds_with(Subprocesses, series, scripts),
                seconds_in_process(series, scripts),
            )
        )
        print(
            f"{len(scripts)} {name}, SQLAlchemy {series}: forked {forked:.0f}, a subprocess each {alone:.0f} "
            f"({alone / forked:.1f} times as much), in one process {within:.0f}"
        )


def main() -> None:
    snippets = [snippet for snippet in all_snippets() if snippet.needs_greenlet]
    framework = [snippet.path for snippet in snippets if FRAMEWORK.search(snippet.path.read_text())]
    plain = [snippet.path for snippet in snippets if snippet.path not in framework]
    entries = {page.slug for page in all_pages("en") if page.is_entry}
    fixes = sum(snippet.mends for snippet in all_snippets() if snippet.slug in entries)
    claims = len(Page(DOCS / "en" / "claims.md").headings) - 2
    print(f"{len(entries)} entries, {fixes} fixes, {claims} claims")
    print(f"ms that each of {WORKERS} workers spends on a snippet:")
    report("plain snippets", plain)
    report("with a framework, which has to be imported", framework)


main()
