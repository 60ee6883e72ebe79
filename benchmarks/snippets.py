"""Milliseconds per snippet: forked, as a subprocess each, and run within one process, with the same two workers."""

import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from guide.pages import Page, entry_pages
from guide.project import Project
from guide.runs import Forker, Subprocesses, imported, imports_framework, interpreter
from guide.snippets import all_snippets

PROJECT = Project(Path(__file__).resolve().parents[1])
WORKERS = 2
# What cannot be imported beforehand, and programs that run others in processes of their own.
OTHER = re.compile(r"^(?:from|import) (?:pandas|project\.outcomes)\b", re.MULTILINE)
IN_PROCESS = Path(__file__).with_name("in_process.py")


def seconds_with(kind: type[Forker] | type[Subprocesses], series: str, scripts: list[Path]) -> float:
    """The time that two runners of this kind, already started, need for all scripts."""
    runners = [kind(PROJECT, series) for _ in range(WORKERS)]
    for runner in runners:
        runner.run(scripts[0])
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
    command: list[str | Path] = [interpreter(PROJECT, series), IN_PROCESS, ",".join(imported(PROJECT, series))]
    workers = [
        subprocess.Popen([*command, *scripts[worker::WORKERS]], stdout=subprocess.PIPE, text=True)
        for worker in range(WORKERS)
    ]
    return max(float(worker.communicate()[0]) for worker in workers)


def report(name: str, scripts: list[Path]) -> None:
    for series in PROJECT.series:
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
    everything = all_snippets(PROJECT)
    snippets = [snippet for snippet in everything if snippet.needs_greenlet]
    other = [snippet.path for snippet in snippets if OTHER.search(snippet.path.read_text())]
    framework = [snippet.path for snippet in snippets if imports_framework(PROJECT, snippet.path)]
    plain = [snippet.path for snippet in snippets if snippet.path not in (*other, *framework)]
    entries = {page.slug for page in entry_pages(PROJECT)}
    fixes = sum(snippet.mends for snippet in everything if snippet.slug in entries)
    claims = len(Page(PROJECT, PROJECT.docs / "en" / "claims.md").headings) - 2
    print(f"{len(entries)} entries, {fixes} fixes, {claims} claims")
    print(f"ms that each of {WORKERS} workers spends on a snippet:")
    report("plain snippets", plain)
    report("with a framework", framework)
    report("with pandas or other programs, which have to be started", other)


if __name__ == "__main__":
    main()
