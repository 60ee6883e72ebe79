"""The tracebacks of a recording as real exceptions, which a tool shows as it shows any other.

Each frame is a function of its own, compiled to stand in the file and on the line that the traceback names. It calls
the next; the last raises an error of a class that is made for it. The text of the files is in Python's line cache.
"""

import ast
import linecache
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from greenlet import greenlet

from guide.project import Project
from guide.tracebacks import FRAME, TRACEBACK

SNIPPETS = Project(Path(__file__).resolve().parents[2]).snippets
FOLDER = "/srv/app/"
JOINTS = {
    "The above exception was the direct cause of the following exception:": "__cause__",
    "During handling of the above exception, another exception occurred:": "__context__",
}
SHOWN = re.compile(
    rf"^{re.escape(TRACEBACK)}\n(?P<frames>(?: +.*\n)+)(?:(?P<module>[a-z_][\w.]*?)\.)?(?P<class>[A-Z][\w.]*)"
    r"(?:: (?P<message>.*(?:\n(?!\n?(?:Traceback|The above|During|The garbage|\S+: \w*Warning: )).*)*))?",
    re.MULTILINE,
)
# What Python would say is at fault in a line: what is called or read, not what is done with it.
AT_FAULT = re.compile(
    r"\s*(?:.*(?:=|\b(?:await|in|return|with))\s)?(?P<code>\w+(?:\.\w+)+(?=\.\w+(?:\s+#.*)?$)|\S.*?)(?:\.\w+)?(?:\s+#.*)?$"
)
VARIABLE = re.compile(r"(?<![\w.\"'])[a-z]\w*(?=[.,)])")
METHOD = 'class Library:\n    def {}(self, *args, **kwargs):\n        """What it does."""\n        {}'


@dataclass
class Call:
    """A frame: where it stands, what the line there says, if it was shown, and the error that it raises, if any."""

    path: str
    line: int
    function: str
    source: str
    error: Exception | None = None

    @property
    def is_own(self) -> bool:
        return self.path.startswith(FOLDER)


class Value:
    """What every variable holds."""

    def __repr__(self) -> str:
        return "<app.models.User object at 0x7f1c2d3e4f50>"


def replayed(lines: list[str]) -> list[str | Exception]:
    """`lines` with one exception in place of all that show it and what it is chained to."""
    text = "\n".join(lines)
    found = [(traceback, _calls(traceback)) for traceback in SHOWN.finditer(text)]
    files = _files([call for _, calls in found for call in calls])
    for path, file in files.items():
        linecache.cache[path] = (len(file), None, [f"{line}\n" for line in file], path)
    shown: list[str | Exception] = []
    end = 0
    for traceback, calls in found:
        between = text[end : traceback.start()].strip("\n")
        if between in JOINTS:
            setattr(calls[-1].error, JOINTS[between], shown.pop())
        else:
            shown += between.splitlines()
        shown.append(_raised(calls, files))
        end = traceback.end()
    return [*shown, *text[end:].strip("\n").splitlines()]


def _calls(traceback: re.Match) -> list[Call]:
    names = {"__module__": traceback["module"] or "builtins", "__qualname__": traceback["class"]}
    error = type(traceback["class"].rpartition(".")[2], (Exception,), names)
    lines = traceback["frames"].splitlines()
    calls = []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if frame := FRAME.match(line):
            path = frame["path"] if frame["path"].startswith(("/", "<")) else FOLDER + frame["path"]
            source = "" if FRAME.match(below) else below.strip()
            calls.append(Call(path, int(frame["line"]), frame["function"], source))
    calls[-1].error = error(*filter(None, [traceback["message"]]))
    return calls


def _files(calls: list[Call]) -> dict[str, list[str]]:
    """The lines of each file that has any: of the reader's own the program, of a library's as much as is shown."""
    files: dict[str, list[str]] = {}
    for call in calls:
        if call.is_own and call.path not in files:
            files[call.path] = _program([other for other in calls if other.path == call.path])
        elif call.source and not call.is_own:
            block = METHOD.format(call.function, call.source).splitlines()
            start = call.line - len(block)
            if call.error:
                said = textwrap.wrap(str(call.error).partition("\n")[0], 50)
                block += [*(f'            "{part}"' for part in said[:3]), "        )"]
            lines = files.setdefault(call.path, [])
            lines += [""] * (start + len(block) - len(lines))
            lines[start : start + len(block)] = block
    return files


def _program(calls: list[Call]) -> list[str]:
    """The lines of the snippet that has, where each of these `calls` stands, what they show."""
    for path in SNIPPETS.glob(f"*/{calls[0].path.removeprefix(FOLDER)}"):
        lines = dict(enumerate(path.read_text().splitlines(), 1))
        if all(lines.get(call.line, "").strip() == call.source for call in calls):
            return list(lines.values())
    raise LookupError(f"no snippet has all that a traceback shows of {calls[0].path}")


def _raised(calls: list[Call], files: dict[str, list[str]]) -> Exception:
    error = calls[-1].error
    assert error
    does: FunctionType | Exception = error
    for call in reversed(calls):
        does = _function(call, files.get(call.path, []), does)
    with pytest.raises(type(error)) as raised:
        greenlet(does).switch()  # loguru would show the frames of a caller too
    return raised.value.with_traceback(raised.tb.tb_next)


def _function(call: Call, lines: list[str], does: FunctionType | Exception) -> FunctionType:
    """A function that stands where `call` says, in a file of these `lines`, and calls or raises what it `does`."""
    heads = (number for number in range(call.line, 0, -1) if lines and f"def {call.function}(" in lines[number - 1])
    variables = VARIABLE.findall(call.source) if call.is_own else []
    parameters = "" if call.is_own else "self=value, *args, **kwargs"
    does_it = "raise fn" if call.error else "fn()"
    tree = ast.parse(f"def function({parameters}):\n {' = '.join([*variables, 'value'])}\n {does_it}")
    at_fault = AT_FAULT.match(lines[call.line - 1]) if call.source else None
    _place(tree, 1 if call.function == "<module>" else next(heads, call.line), (0, 0))
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef)
    _place(definition.body[-1], call.line, at_fault.span("code") if at_fault else (0, 0))
    known: dict[str, Any] = {"fn": does, "value": Value()}
    exec(compile(tree, call.path, "exec"), known)
    function: FunctionType = known["function"]
    function.__name__ = function.__qualname__ = call.function
    function.__code__ = function.__code__.replace(co_name=call.function, co_qualname=call.function)
    return function


def _place(tree: ast.AST, line: int, columns: tuple[int, int]) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.arg):
            node.lineno = node.end_lineno = line
            node.col_offset, node.end_col_offset = columns
