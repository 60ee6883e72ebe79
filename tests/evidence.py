"""What the recordings of the befores tell about each entry: the index that the home page's paste box looks into.

It is derived by rule, so that a new entry needs no new one. `overrides/assets/diagnose.js` reads what is pasted by the
same rules: which words an error has, and which frames of a traceback tell why SQLAlchemy needed the database.
"""

import ast
import json
import re
from collections.abc import Iterator

from project import SERIES
from recordings import FRAME, TRACEBACK, WARNING
from snippets import Mark, Snippet

MODULES = re.compile(r"\b(?:\w+\.)+(?=[A-Z])")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:'[a-z]+)?")
# What says nothing about the error: MissingGreenlet's own message, and what SQLAlchemy adds to any error.
UNTELLING = re.compile(
    r"(?:(?:sqlalchemy\.exc\.)?StatementError: \()?"
    r"(?:sqlalchemy\.exc\.)?MissingGreenlet\W+greenlet_spawn.*?unexpected place"
    r"|\(Background on this error at: \S+\)"
    r"|\[(?:SQL|parameters): .*?\](?:\\n|\n|$)"
    r"|Original exception was.*",
    re.DOTALL,
)
# Beginnings of errors that have nothing to do with this guide: their words tell nothing in others either.
COMMONPLACE = (
    "AttributeError: object has no attribute",
    "AttributeError: module has no attribute",
    "ModuleNotFoundError: No module named",
    "pydantic_core._pydantic_core.ValidationError: 1 validation error for",
    "sqlalchemy.exc.ArgumentError: expected",
    "sqlalchemy.exc.InterfaceError",
    "sqlalchemy.dialects.postgresql.asyncpg.InterfaceError: class asyncpg.exceptions._base.InterfaceError",
)
STATEMENT = re.compile(r"\[SQL: (?P<sql>.*?)\]$", re.MULTILINE | re.DOTALL)
COLLECTION = re.compile(r"WHERE \(?(?:\?|%s|%\(\w+\)s|\$\d+(?:::\w+)?|:\w+) = \w+\.\w+")
ROW = re.compile(r"WHERE \w+\.\w+ = (?:\?|%s|%\(\w+\)s|\$\d+(?:::\w+)?|:\w+)")
# Every statement goes through these, whatever asked for it.
UNTELLING_FILES = ("session", "context", "state_changes", "scoping", "session_transaction")
# These stand above every error of a program or a web application.
UNTELLING_PACKAGES = ("asyncio", "anyio", "contextlib", "fastapi", "greenlet", "httpx", "starlette", "sqlalchemy")
# Python raises these for many another mistake, so that the text alone must not lead to the entry.
UNTELLING_MESSAGES = ("ValueError not enough values to unpack",)
GAP = "*"


def evidence(snippets: list[Snippet]) -> str:
    """The index as JSON, a line for each recording that differs: slug, the error's words, what the traceback tells.

    There are no words where the error is MissingGreenlet's own message, which says nothing about the cause, and there
    is no slug where the words are commonplace.
    """
    rows = {
        (snippet.slug, _words(snippet, _message(mark, text)), " ".join(sorted(set(_tokens(snippet, text)))))
        for snippet in snippets
        for mark, text in _failures(snippet)
    }
    rows = {row for row in rows if not row[1].startswith(UNTELLING_MESSAGES)}
    rows |= {("", " ".join(WORD.findall(MODULES.sub("", message))), "") for message in COMMONPLACE}
    return "[\n" + ",\n".join(json.dumps(row) for row in sorted(rows)) + "\n]\n"


def _failures(snippet: Snippet) -> Iterator[tuple[Mark, str]]:
    """For each series on which it fails, the mark that says how and the whole recording."""
    if snippet.must_fail:
        for series in SERIES:
            short, whole = snippet.recordings(series)
            for mark in snippet.marks:
                if mark.series in (None, series):
                    yield mark, (whole if whole.exists() else short).read_text()


def _message(mark: Mark, text: str) -> str:
    """The text of the error or warning up to where MissingGreenlet's own message begins."""
    before, _, last = text.rpartition(f"{TRACEBACK}\n")
    if mark.kind == "warns":
        line = next(line for line in text.splitlines() if mark.promise in line)
        message = before.splitlines()[-1] if UNTELLING.search(line) else line
    else:
        lines = last.splitlines()
        start = next(number for number, line in enumerate(lines) if not line.startswith(" "))
        end = next((number for number, line in enumerate(lines) if number > start and WARNING.match(line)), len(lines))
        message = "\n".join(lines[start:end])
    return UNTELLING.sub("", message)


def _words(snippet: Snippet, message: str) -> str:
    """The words of an error; a name that the snippet made up, or anything else that varies, is a gap."""
    made_up = {"before", "py", *_made_up(snippet)}
    words = (word.group() for word in WORD.finditer(MODULES.sub("", message)))
    return " ".join(GAP if word in made_up else word for word in words)


def _made_up(snippet: Snippet) -> Iterator[str]:
    """The names of the classes, functions, attributes and tables that exist in this snippet alone."""
    for node in ast.walk(_syntax(snippet)):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=name)):
                yield name


def _syntax(snippet: Snippet) -> ast.AST:
    """The snippet's syntax tree, empty if its syntax is what is wrong with it."""
    try:
        return ast.parse(snippet.path.read_text())
    except SyntaxError:
        return ast.Module([], [])


def _tokens(snippet: Snippet, text: str) -> Iterator[str]:
    """What the last traceback tells: the ORM's frames, packages, what the last own line called, and the SQL's shape."""
    last = text.rpartition(TRACEBACK)[2]
    called, previous_is_own = "", False
    for frame in filter(None, map(FRAME.match, last.splitlines())):
        is_own = frame["path"] == snippet.path.name
        folder, _, file = frame["path"].removesuffix(".py").removeprefix("lib/").rpartition("/")
        function = (frame["function"] or "").lstrip("_")
        package = (folder or file).partition("/")[0]
        if is_own and (frame["function"] or "").startswith("__"):
            yield f"own.{frame['function']}"
        elif not is_own and package not in UNTELLING_PACKAGES and not package.startswith("<"):
            yield f"package.{package}"
        if folder == "sqlalchemy/orm" and file not in UNTELLING_FILES or (file, function) == ("base", "raw_connection"):
            yield f"{file}.{function}"
        if is_own or previous_is_own:
            called = "" if is_own else f"called.{file}.{function}"
        previous_is_own = is_own
    if called:
        yield called
    if sql := STATEMENT.search(last):
        yield f"SQL.{sql['sql'].split()[0]}"
        if COLLECTION.search(sql["sql"]):
            yield "SQL.collection"
        if ROW.search(sql["sql"]):
            yield "SQL.row"
