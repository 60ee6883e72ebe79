"""The index that the paste box looks into: what the recordings of the befores tell about each entry, and the rules.

It is derived, so that a new entry doesn't need its own rule. `overrides/assets/diagnose.js` reads what is pasted by the
same rules, which it finds in this index: which words an error has, and which frames tell why SQLAlchemy needed the
database.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from guide.project import Project
from guide.snippets import Snippet
from guide.threads import most_met, order
from guide.tracebacks import TRACEBACK, Frame, last_traceback

MODULES = re.compile(r"\b(?:\w+\.)+(?=[A-Z])")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:'[a-z]+)?")
# What SQLAlchemy adds to any error, and, with the shared message in its middle, MissingGreenlet's own.
ADDED = (
    r"(?:(?:sqlalchemy\.exc\.)?StatementError: \()?(?:sqlalchemy\.exc\.)?MissingGreenlet\W+{shared}"
    r"|\(Background on this error at: \S+\)"
    r"|\[(?:SQL|parameters): .*?\](?:\\n|\n|$)"
    r"|Original exception was.*"
)
STATEMENT = re.compile(r"\[SQL: (?P<sql>.*?)\]$", re.MULTILINE | re.DOTALL)
GAP = "*"
IndexRow = tuple[str, str, str]


def file(project: Project) -> Path:
    return project.assets / "paste-index.json"


def paste_index(project: Project, snippets: list[Snippet]) -> str:
    """The index as JSON: the rules, and a row for each recording that differs.

    A row is a slug, the error's words, and what the frames tell. There are no words where the error is
    MissingGreenlet's own message, which says nothing about the cause, and no slug where the words are commonplace.
    """
    rules = project.data["paste-box"] | {"order": order(project), "most-met": most_met(project)}
    rows = {row for _, _, row in telling(project, snippets)}
    rows |= commonplace_rows(project)
    lines = ",\n".join(json.dumps(row) for row in sorted(rows))
    return f'{{"rules": {json.dumps(rules | project.data["traceback"])},\n"rows": [\n{lines}\n]}}\n'


def commonplace_rows(project: Project) -> set[IndexRow]:
    """The rows of errors that say nothing about any entry."""
    said = project.data["paste-box"]["commonplace"]
    return {("", " ".join(WORD.findall(MODULES.sub("", one))), "") for one in said}


def telling(project: Project, snippets: list[Snippet]) -> Iterator[tuple[Snippet, str, IndexRow]]:
    """Each recording of what fails, by its series, with its row, unless it tells nothing about its own entry."""
    rules = project.data["paste-box"]
    quoting = {project.snippets / path for path in rules["quoting"]}
    for snippet in (snippet for snippet in snippets if snippet.must_fail and snippet.path not in quoting):
        for series in (series for series in project.series if snippet.marks_on(series)):
            row = index_row(snippet, series)
            if not row[1].startswith(tuple(rules["untelling-messages"])):
                yield snippet, series, row


def index_row(snippet: Snippet, series: str) -> IndexRow:
    """What the recording of a snippet that fails on a series tells."""
    words = _words(snippet, message(snippet, series))
    return snippet.slug, words, " ".join(sorted(set(_tokens(snippet, snippet.recorded(series)))))


def message(snippet: Snippet, series: str) -> str:
    """The text of the recorded error or warning up to where MissingGreenlet's own message begins."""
    [mark, *_], text = snippet.marks_on(series), snippet.recorded(series)
    untelling = re.compile(ADDED.format(shared=snippet.project.data["paste-box"]["shared-message"]), re.DOTALL)
    if mark.kind == "warns":
        line = next(line for line in text.splitlines() if mark.promise in line)
        before = text.rpartition(f"{TRACEBACK}\n")[0]
        return untelling.sub("", before.splitlines()[-1] if untelling.search(line) else line)
    return untelling.sub("", "\n".join(last_traceback(text)[1]))


def _words(snippet: Snippet, message: str) -> str:
    """The words of an error; a name that the snippet made up, or anything else that varies, is a gap."""
    own = {"before", "py", *made_up(snippet)}
    words = (word.group() for word in WORD.finditer(MODULES.sub("", message)))
    return " ".join(GAP if word in own else word for word in words)


def made_up(snippet: Snippet) -> Iterator[str]:
    """The names of the classes, functions, attributes and tables that exist only in this snippet."""
    for node in ast.walk(_syntax(snippet)):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name))):
                yield name


def _syntax(snippet: Snippet) -> ast.AST:
    """The snippet's syntax tree, empty if its syntax is what is wrong with it."""
    try:
        return ast.parse(snippet.path.read_text())
    except SyntaxError:
        return ast.Module([], [])


def _tokens(snippet: Snippet, text: str) -> Iterator[str]:
    """What the last traceback tells: the ORM's frames, packages, what the last own line called, and the SQL's shape."""
    rules = snippet.project.data["traceback"]
    last = text.rpartition(TRACEBACK)[2]
    frames = [frame for line in last.splitlines() if (frame := Frame.read(line))]
    own = snippet.path.name
    for frame in frames:
        if frame.path == own and frame.function.startswith("__"):
            yield f"own.{frame.function}"
        elif frame.path != own and frame.package not in rules["plumbing-packages"] and frame.package[0] != "<":
            yield f"package.{frame.package}"
        if frame.tells(snippet.project):
            yield frame.token
    last_own = max((number for number, frame in enumerate(frames) if frame.path == own), default=len(frames))
    yield from (f"called.{frame.token}" for frame in frames[last_own + 1 :][:1])
    if sql := STATEMENT.search(last):
        yield f"SQL.{sql['sql'].split()[0]}"
        yield from (f"SQL.{shape}" for shape in ("collection", "row") if re.search(rules[shape], sql["sql"]))
