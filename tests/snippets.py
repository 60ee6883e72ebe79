"""What a snippet is, what its marks promise, and whether a run kept the promise."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from project import DRIVERS, SNIPPETS, name
from recordings import error_class, last_own_line, own_lines
from runner import TIMEOUT, Run

MARK = re.compile(r"\s*# (?P<kind>raises|warns) (?P<promise>.*?)(?: on (?P<series>\d\.\d))?$")
SECTION = re.compile(r"^\s*# --8<-- \[(start|end):example\]$")
URL = re.compile(r'"(?:mysql|postgresql|sqlite)(?:\+(?P<driver>\w+))?:')
METADATA = re.compile(r"^# /// script\n((?:#.*\n)+?)# ///$", re.MULTILINE)
WIDTH = 60
HEIGHT = 18
NO_DRIVER = "none"
# With a driver of their own by default, and run with every other to show that not all fail.
EVERYWHERE = ("different-loop/before.py", "different-loop/after-*.py")
# What a program may use that not every database has: MariaDB and MySQL lack UPDATE … RETURNING.
LACKING = {"mysql": ".returning("}


@dataclass(frozen=True)
class Mark:
    """A promise at the end of a line: what the line raises or warns, on one series or on all."""

    line: int
    kind: str
    promise: str
    series: str | None

    @property
    def category(self) -> str:
        """The class that is raised or warned."""
        return self.promise.partition(":")[0].split()[0]


@dataclass(frozen=True)
class Snippet:
    """One program below `snippets/`; its file name says whether it must fail."""

    path: Path

    def __str__(self) -> str:
        return name(self.path)

    @property
    def slug(self) -> str:
        return self.path.parent.name

    @property
    def must_fail(self) -> bool:
        return self.path.name.startswith("before")

    @property
    def mends(self) -> bool:
        """Whether it is the fix of a before; what is neither shows how something works, and has to pass as well."""
        return self.path.name.startswith("after")

    @cached_property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()

    @cached_property
    def marks(self) -> list[Mark]:
        found = ((number, MARK.search(line)) for number, line in enumerate(self.lines, 1))
        return [Mark(number, m["kind"], m["promise"], m["series"]) for number, m in found if m]

    @property
    def unmarked_lines(self) -> list[str]:
        return [MARK.sub("", line) for line in self.lines]

    @property
    def plain_lines(self) -> list[str]:
        """The program as if it had been written for itself: no marks, no section markers."""
        return [line for line in self.unmarked_lines if not SECTION.match(line)]

    @cached_property
    def section(self) -> range:
        """The line numbers between the two section markers, which is what the pages show."""
        bounds = [number for number, line in enumerate(self.lines, 1) if SECTION.match(line)]
        if len(bounds) != 2:
            raise ValueError(f"{self} needs one [start:example] and one [end:example]: the page shows what is between")
        return range(bounds[0] + 1, bounds[1])

    @property
    def shown(self) -> list[str]:
        """The lines of the section as the page shows them, less marks."""
        return [self.unmarked_lines[number - 1] for number in self.section]

    @property
    def needs_greenlet(self) -> bool:
        """False if the program's inline metadata asks for SQLAlchemy without its asyncio extra."""
        metadata = METADATA.search(self.path.read_text())
        if metadata is None:
            return True
        toml = re.sub(r"^# ?", "", metadata[1], flags=re.MULTILINE)
        return any("[asyncio]" in dependency for dependency in tomllib.loads(toml)["dependencies"])

    @property
    def driver(self) -> str:
        """The driver that it runs with by default, from the first URL in it, or in what it runs, that names one."""
        files = (self.path, *sorted(self.path.parent.glob("project/*.py")))
        named = URL.findall("".join(file.read_text() for file in files))
        return next(filter(None, named), "pysqlite") if named else NO_DRIVER

    @property
    def drivers(self) -> tuple[str, ...]:
        """All drivers that it is run with: only its own if it takes no other URL, or names a driver in its default."""
        text = self.path.read_text()
        portable = self.driver == "aiosqlite" and '"DATABASE_URL"' in text
        if not portable and not any(self.path.match(pattern) for pattern in EVERYWHERE):
            return (self.driver,)
        return tuple(
            driver for driver, database in DRIVERS.items() if database not in LACKING or LACKING[database] not in text
        )

    @property
    def counterpart(self) -> Path:
        """The before that an after mends: the one with the same suffix, or else `before.py`."""
        same_suffix = self.path.with_name(self.path.name.replace("after", "before", 1))
        return same_suffix if same_suffix.exists() else self.path.with_name("before.py")

    @property
    def diff(self) -> Path:
        """Where the diff between its before and this after is recorded."""
        return self.path.parent / "recorded" / f"{self.path.stem}.diff"

    def recordings(self, series: str) -> tuple[Path, Path]:
        """Where the short and the whole form of what it prints are recorded; no whole form if they are equal."""
        folder = self.path.parent / "recorded" / series
        return folder / f"{self.path.stem}.txt", folder / f"{self.path.stem}.whole.txt"


def all_snippets() -> list[Snippet]:
    return [Snippet(path) for path in sorted(SNIPPETS.glob("*/*.py"))]


def size_problem(snippet: Snippet) -> str | None:
    """Why the shown section does not fit a phone: each line, less its mark, and the first screen as far as the mark."""
    shown = [(number, snippet.unmarked_lines[number - 1]) for number in snippet.section]
    indent = min(len(line) - len(line.lstrip()) for _, line in shown if line)
    for number, line in shown:
        if len(line) - indent > WIDTH:
            return f"{snippet} line {number} is {len(line) - indent} columns wide on the page: break it at {WIDTH}"
    for mark in snippet.marks[:1]:
        if mark.line not in snippet.section[:HEIGHT]:
            return (
                f"{snippet} line {mark.line} is marked, but not among the first {HEIGHT} that the page shows: let "
                "[start:example] stand lower, so that a phone shows the line that fails"
            )
    return None


def problem(snippet: Snippet, series: str, driver: str, run: Run) -> str | None:
    """What a contributor has to mend in `snippet`, given what one `run` did, in one line; None if nothing."""
    where = series if driver == snippet.driver else f"{series} with {driver}"
    if run.timed_out:
        return f"{snippet} hangs on SQLAlchemy {where}: killed after {TIMEOUT} s; end its loops and threads"
    if error_class(run.stderr, snippet.path) == "ModuleNotFoundError":
        missing = run.stderr.rpartition("No module named ")[2].strip()
        return f"{snippet} needs the module {missing}: add its package to requirements-snippets.in, then `make lock`"
    if run.files_left:
        return f"{snippet} left {', '.join(run.files_left)} on the disk: use the in-memory database or remove it"
    if not snippet.must_fail:
        return after_problem(snippet, where, run)
    marks = [mark for mark in snippet.marks if mark.series in (None, series)]
    if driver == snippet.driver:
        return before_problem(snippet, marks, where, run)
    return next((found for mark in marks if (found := elsewhere_problem(snippet, mark, where, run))), None)


def before_problem(snippet: Snippet, marks: list[Mark], where: str, run: Run) -> str | None:
    if snippet.marks and not marks:
        return passing_problem(snippet, where, run)
    if not marks:
        return f"{snippet} has no mark: end the line that fails with `# raises ClassName` or `# warns Category: text`"
    if len(marks) > 1:
        lines = " and ".join(str(mark.line) for mark in marks)
        return f"{snippet} has two marks, on lines {lines}: a snippet shows one mistake; remove one or split the file"
    [mark] = marks
    if mark.kind == "warns":
        return warning_problem(snippet, mark, where, run)
    if run.status == 0:
        return f"{snippet} passes on SQLAlchemy {where}: a before must fail; mend it or rename it after-….py"
    raised, line = error_class(run.stderr, snippet.path), last_own_line(run.stderr, snippet.path)
    if raised != mark.promise:
        return f"{snippet} raises {raised} on SQLAlchemy {where}, not {mark.promise} as line {mark.line} is marked"
    if line != mark.line:
        return f"{snippet} fails at line {line} on SQLAlchemy {where}, but line {mark.line} is marked: move the mark"
    return None


def elsewhere_problem(snippet: Snippet, mark: Mark, where: str, run: Run) -> str | None:
    """With another driver the mark promises nothing, but the same class has to come from the same line."""
    raised, lines = error_class(run.stderr, snippet.path), own_lines(run.stderr, snippet.path)
    if raised == mark.promise and mark.line not in lines:
        return f"{snippet} raises {raised} on SQLAlchemy {where}, but not at line {mark.line}: make it fail there"
    return None


def warning_problem(snippet: Snippet, mark: Mark, where: str, run: Run) -> str | None:
    if run.status != 0:
        return f"{snippet} fails on SQLAlchemy {where}, but line {mark.line} is marked `warns`: it must exit with 0"
    if mark.promise not in run.stderr:
        return f"{snippet} does not warn `{mark.promise}` on SQLAlchemy {where}: line {mark.line} says it would"
    if not run.stdout:
        return f"{snippet} prints nothing on SQLAlchemy {where}: print the harm that the warning announces"
    return None


def after_problem(snippet: Snippet, where: str, run: Run) -> str | None:
    if snippet.marks:
        return f"{snippet} has a mark on line {snippet.marks[0].line}: only a before fails; remove the mark"
    return passing_problem(snippet, where, run)


def passing_problem(snippet: Snippet, where: str, run: Run) -> str | None:
    if run.status != 0:
        return f"{snippet} must pass, but fails on SQLAlchemy {where}: {run.stderr.strip().splitlines()[-1]}"
    if run.stderr:
        return f"{snippet} must not warn, but prints on SQLAlchemy {where}: {run.stderr.strip().splitlines()[0]}"
    if run.threads_left:
        return f"{snippet} leaves a thread running, {', '.join(run.threads_left)}: dispose of its engine"
    if not run.stdout:
        return f"{snippet} prints nothing: print what it read, so that its recording proves something"
    return None
