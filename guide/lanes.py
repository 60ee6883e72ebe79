"""Lanes: what each line of an example sends to the database, from the reader's coroutine or SQLAlchemy's greenlet.

Recorded by running the example once more, as `recorded/<example>.lanes.json`: the rows, by the series that share them.
"""

import ast
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from guide.kept import Kept, digest, run_key
from guide.runs import Forker, Subprocesses
from guide.snippets import Snippet
from guide.verdicts import problem

OBSERVER = Path(__file__).with_name("observer.py")
# The name of a column in a result is of no interest here, and not the same on all series.
LABEL = re.compile(r"(\w+\.\w+) AS \w+")
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK")
COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try)
Lanes = dict[str, list["Row"]]


class BrokenPromise(Exception):
    """An observed example did not do what its name and its marks promise; the message says what it did."""


@dataclass(frozen=True)
class Event:
    """What happened at a line, as guide/observer.py says it, and how often in a row."""

    what: str
    text: str
    times: int = 1

    @property
    def is_statement(self) -> bool:
        return self.what.startswith("sent") and self.text not in TRANSACTION


@dataclass(frozen=True)
class Row:
    """A statement of the section, by its first and last line counted from the section's first, and what happened there.

    `after` is the last line of its block if this happened at the end of that, otherwise the same as `last`; `inside`
    tells whether it runs in a greenlet itself.
    """

    first: int
    last: int
    after: int
    inside: bool
    events: list[Event]

    @property
    def ends_block(self) -> bool:
        return self.after > self.last


def file(snippet: Snippet) -> Path:
    """Where the lanes of an example are recorded."""
    return snippet.path.parent / "recorded" / f"{snippet.path.stem}.lanes.json"


def has_lanes(snippet: Snippet) -> bool:
    """Whether a before or an after can be observed: on its default driver, without a server, and always alike."""
    excepted = any(snippet.path.match(pattern) for pattern in snippet.project.data["snippets"]["without-lanes"])
    is_embedded = snippet.needs_greenlet and snippet.driver == next(iter(snippet.project.drivers))
    return is_embedded and (snippet.must_fail or snippet.mends) and not excepted


def recorded(snippet: Snippet) -> Lanes:
    """The lanes of an example; empty if it sends nothing."""
    path = file(snippet)
    found = json.loads(path.read_text()) if path.exists() else {}
    return {
        series: [Row(**row | {"events": [Event(**event) for event in row["events"]]}) for row in rows]
        for series, rows in found.items()
    }


def as_json(lanes: Lanes) -> str | None:
    """What is recorded; None for an example that sends nothing, since its story is another one."""
    events = [event for rows in lanes.values() for row in rows for event in row.events]
    if not any(event.is_statement or event.what == "refused-here" for event in events):
        return None
    rows = {series: ",\n".join(json.dumps(asdict(row)) for row in rows) for series, rows in lanes.items()}
    return "{" + ",\n".join(f"{json.dumps(series)}: [\n{text}\n]" for series, text in rows.items()) + "}\n"


def observed(snippet: Snippet, runner: Callable[[str], Forker | Subprocesses]) -> Lanes:
    """What an example sends on each series; series that agree share their rows.

    Raises BrokenPromise if it did something else than promised while it was observed.
    """
    groups: list[tuple[list[str], list[Row]]] = []
    for series in snippet.project.series:
        rows = _rows(snippet, json.loads(_notes(snippet, series, runner)))
        equal = next((names for names, same in groups if same == rows), None)
        if equal is None:
            groups.append(([series], rows))
        else:
            equal.append(series)
    return {", ".join(names): rows for names, rows in groups}


def _notes(snippet: Snippet, series: str, runner: Callable[[str], Forker | Subprocesses]) -> str:
    """The notes of guide/observer.py, kept for as long as nothing that they depend on changes."""

    def note() -> str:
        with tempfile.TemporaryDirectory() as folder:
            noted = Path(folder, "notes.json")
            section = {"FIRST": str(snippet.section[0]), "LAST": str(snippet.section[-1])}
            run = runner(series).run(OBSERVER, {"OBSERVED": str(snippet.path), "NOTED": str(noted), **section})
            if found := problem(snippet, series, snippet.driver, run):
                raise BrokenPromise(f"while it was observed: {found}")
            return noted.read_text()

    key = digest(run_key(snippet, series, snippet.driver, ""), OBSERVER.read_text())
    return Kept(snippet.project, "lanes").made(note, key)


def _rows(snippet: Snippet, notes: list) -> list[Row]:
    """One row for each statement at which something happened, in the order of the file."""
    statements = _statements(snippet)
    events: dict[tuple[int, int, int, bool], list[Event]] = {}
    for line, inside, at_end, what, text in notes:
        first, last, block_end = min(
            (span for span in statements if span[0] <= line <= span[1]), key=lambda span: span[1] - span[0]
        )
        place = (block_end if at_end else last, first, last, inside)
        events.setdefault(place, []).append(Event(what, LABEL.sub(r"\1", text)))
    start = snippet.section[0]
    return [
        Row(first - start, last - start, after - start, inside, _together(found))
        for (after, first, last, inside), found in sorted(events.items())
    ]


def _statements(snippet: Snippet) -> list[tuple[int, int, int]]:
    """First and last line of each statement of a program, of a block without its body, and where the body ends."""
    found = []
    for node in ast.walk(ast.parse(snippet.path.read_text())):
        if isinstance(node, ast.stmt):
            end = node.end_lineno or node.lineno
            last = node.body[0].lineno - 1 if isinstance(node, COMPOUND) else end
            found.append((node.lineno, max(last, node.lineno), end))
    return found


def _class_of(attribute: str) -> str:
    return attribute.partition(".")[0]


def _together(events: list[Event]) -> list[Event]:
    """Equal events in a row as one, and what expires in a row as one."""
    joined: list[Event] = []
    for (what, text), group in groupby(
        events, key=lambda one: (one.what, one.text if "expired" not in one.what else "")
    ):
        same = list(group)
        if "expired" in what:
            joined.append(Event(what, ", ".join(sorted({event.text: None for event in same}, key=_class_of))))
        else:
            joined.append(Event(what, text, len(same)))
    return joined
