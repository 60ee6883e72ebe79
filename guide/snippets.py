"""What a snippet is: a program, the lines of it that a page shows, and what its name and its marks promise."""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from guide.project import Driver, Project

LOCKED = re.compile(r"^([\w-]+)==([\w.]+)", re.MULTILINE)
MARK = re.compile(r"\s*# (?P<kind>raises|warns) (?P<promise>.*?)(?: on (?P<series>\d\.\d))?$")
SECTION = re.compile(r"^\s*# --8<-- \[(start|end):example\]$")
IMPORT = re.compile(r"^\s*(?:from|import) ([\w.]+)", re.MULTILINE)
URL = re.compile(r'"(?P<database>\w+)(?:\+(?P<driver>\w+))?:')
METADATA = re.compile(r"^# /// script\n((?:#.*\n)+?)# ///$", re.MULTILINE)
WIDTH = 60
HEIGHT = 18
NO_DRIVER = "none"
FACTS = "facts.py"
# The endings of the names of environments that lack something: greenlet, or all drivers except the first.
WITHOUT_GREENLET, WITHOUT_DRIVERS = "-without-greenlet", "-without-drivers"


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

    project: Project
    path: Path

    def __str__(self) -> str:
        return self.project.name(self.path)

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

    @property
    def is_facts(self) -> bool:
        """Whether it proves sentences of its page, and shows none of its lines there."""
        return self.path.name == FACTS

    @cached_property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()

    @cached_property
    def marks(self) -> list[Mark]:
        found = ((number, MARK.search(line)) for number, line in enumerate(self.lines, 1))
        return [Mark(number, m["kind"], m["promise"], m["series"]) for number, m in found if m]

    def marks_on(self, series: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.series in (None, series)]

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
        """The lines of the section as the page shows them, without marks."""
        return [self.unmarked_lines[number - 1] for number in self.section]

    @cached_property
    def requirements(self) -> list[Requirement]:
        """What the program's inline metadata asks for; nothing if it has none."""
        metadata = METADATA.search(self.path.read_text())
        toml = re.sub(r"^# ?", "", metadata[1], flags=re.MULTILINE) if metadata else ""
        return [Requirement(one) for one in tomllib.loads(toml).get("dependencies", ())]

    @property
    def imported(self) -> set[str]:
        """The modules that it imports from packages, and the drivers that its URLs name."""
        text = self.path.read_text()
        modules = {module.partition(".")[0] for module in IMPORT.findall(text)} - sys.stdlib_module_names
        own = {path.stem for folder in (".", "project") for path in self.path.parent.glob(f"{folder}/*")}
        named = {url["driver"] for url in URL.finditer(text) if url["driver"]}
        return (modules - own) | (named & {driver.package for driver in self.project.drivers.values()})

    @property
    def needs_greenlet(self) -> bool:
        """False if the program's inline metadata asks for SQLAlchemy without its asyncio extra."""
        asked = [requirement for requirement in self.requirements if requirement.name == "sqlalchemy"]
        return not asked or "asyncio" in asked[0].extras

    def environment(self, series: str) -> str:
        """The name of the environment that it is run in on a series."""
        if not self.needs_greenlet:
            return series + WITHOUT_GREENLET
        is_alone = any(self.path.match(pattern) for pattern in self.project.data["snippets"]["without-drivers"])
        return series + WITHOUT_DRIVERS if is_alone else series

    @property
    def driver(self) -> str:
        """The driver that it runs with by default, from the first URL in it, or in what it runs, that names one."""
        files = (self.path, *(file for file in project_files(self.path.parent) if file.suffix == ".py"))
        urls = URL.finditer("".join(file.read_text() for file in files))
        named = [url for url in urls if url["database"] in self.project.databases]
        with_driver = next((url["driver"] for url in named if url["driver"]), None)
        return with_driver or (self.project.databases[named[0]["database"]].driver if named else NO_DRIVER)

    @property
    def drivers(self) -> tuple[str, ...]:
        """All drivers that it is run with: only its own if it takes no other URL, or names a driver in its default."""
        text = self.path.read_text()
        portable = self.driver == next(iter(self.project.drivers)) and '"DATABASE_URL"' in text
        patterns = self.project.data["snippets"]["with-every-driver"]
        if not portable and not any(self.path.match(pattern) for pattern in patterns):
            return (self.driver,)
        return tuple(driver.name for driver in self.project.drivers.values() if not self._lacks(driver, text))

    def _lacks(self, driver: Driver, text: str) -> bool:
        """Whether a driver's database lacks something that this program uses."""
        return any(word in text for word in self.project.databases[driver.database].lacks)

    @property
    def counterpart(self) -> Path:
        """The before that an after fixes: the one with the same suffix, or else `before.py`."""
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

    def recorded(self, series: str) -> str:
        """The whole form of what it printed."""
        short, whole = self.recordings(series)
        return (whole if whole.exists() else short).read_text()


def all_snippets(project: Project) -> list[Snippet]:
    return [Snippet(project, path) for path in sorted(project.snippets.glob("*/*.py"))]


def project_files(folder: Path) -> list[Path]:
    """The files of the project that the programs of a folder of snippets run, except what a tool left there."""
    files = (path for path in sorted(folder.glob("project/**/*")) if path.is_file())
    return [path for path in files if not re.search(r"/(?:\.|__pycache__/)", path.relative_to(folder).as_posix())]


def size_problem(snippet: Snippet) -> str | None:
    """Why the shown section does not fit a phone: each line without its mark, and the first screen up to the mark."""
    if snippet.is_facts:
        return None
    shown = [(number, snippet.unmarked_lines[number - 1]) for number in snippet.section]
    indent = min(len(line) - len(line.lstrip()) for _, line in shown if line)
    for number, line in shown:
        if len(line) - indent > WIDTH:
            return f"{snippet} line {number} is {len(line) - indent} columns wide on the page: break it at {WIDTH}"
    for mark in snippet.marks[:1]:
        if mark.line not in snippet.section[:HEIGHT]:
            return (
                f"{snippet} line {mark.line} is marked, but not among the first {HEIGHT} that the page shows: let "
                "[start:example] begin lower, so that a phone shows the line that fails"
            )
    return None


def requirement_problems(snippet: Snippet) -> Iterator[str]:
    """Why `uv run` with the program's address may fail, today or next year: what its inline metadata lacks."""
    if snippet.imported and not snippet.requirements:
        yield f"{snippet} has no inline metadata: begin with `# /// script`, as the other snippets do"
    locked = _locked(snippet.project)
    for requirement in snippet.requirements:
        if {one.operator for one in requirement.specifier} != {">=", "<"}:
            yield f"{snippet} asks for {requirement}: add lower and upper bounds, as in `{requirement.name}>=1.2,<2`"
        versions = locked.get(canonicalize_name(requirement.name), set())
        if not versions or not all(version in requirement.specifier for version in versions):
            there = " and ".join(sorted(versions)) or "no version"
            yield f"{snippet} asks for {requirement}, but is run with {there} of it: ask for that"
    asked = [requirement.name.replace("-", "_") for requirement in snippet.requirements]
    for module in sorted(snippet.imported):
        if not any(name.startswith(module) for name in asked):
            yield f"{snippet} uses {module}, which its inline metadata does not ask for: add it to `dependencies`"


@cache
def _locked(project: Project) -> dict[str, set[str]]:
    """The versions of each package that snippets are run with."""
    found: dict[str, set[str]] = {}
    for lock in (f"{name}.txt" for name in ("snippets", *project.series)):
        for name, version in LOCKED.findall((project.requirements / lock).read_text()):
            found.setdefault(canonicalize_name(name), set()).add(version)
    return found
