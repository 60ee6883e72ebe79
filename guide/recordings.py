"""What a run printed, reduced by rule to a text that holds for every patch release, machine and Python.

A recording has a whole form, and a short one for the page: the program's own frames, the frames that tell why
SQLAlchemy wanted to load something, and the error.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from guide.project import Project
from guide.tracebacks import TRACEBACK, WARNING, Frame, last_traceback

INSTALLED = re.compile(r"^.*/(?:site-packages|python\d\.\d+)/")
ADDRESSES = ((re.compile(r"0x[0-9a-f]+"), "0x…"), (re.compile(r"%\(\d+ (\w+)\)s"), r"%(140… \1)s"))
# Newer Pythons word these differently, 3.14 or 3.13; a recording keeps the words of the earlier ones.
WORDINGS = (
    (re.compile(r"'(\w+)' object can't be awaited"), r"object \1 can't be used in 'await' expression"),
    (re.compile(r"(context manager protocol) \(missed __a?exit__ method\).*"), r"\1"),
    (re.compile(r'"reprlib\.py", in wrapper'), '"dataclasses.py", in wrapper'),
)
# Python 3.12 and later run these without a frame of their own.
INLINED = ("<listcomp>", "<setcomp>", "<dictcomp>")
TEMPLATE = "<template>"


def whole(stdout: str, stderr: str, script: Path) -> str:
    """Everything that `script` printed, first what went to stdout, without anything that varies between machines."""
    text = stdout.replace(str(script), script.name) + "".join(f"{line}\n" for line in _settled(stderr, script))
    for pattern, replacement in ADDRESSES + WORDINGS:
        text = pattern.sub(replacement, text)
    return text


def _settled(stderr: str, script: Path) -> Iterator[str]:
    """The lines of `stderr`: own frames with their source line, library frames with only their function."""
    source = script.read_text().splitlines()
    in_traceback, belongs_to_previous = True, None
    for line in stderr.splitlines():
        if in_traceback and (frame := Frame.read(line)):
            if frame.function not in INLINED:
                yield from _settled_frame(frame, script, source)
            belongs_to_previous = f"{frame.indent}  "
        elif warning := WARNING.match(line):
            yield _settled_warning(warning, script)
            belongs_to_previous = "  "
        elif belongs_to_previous is None or not line.startswith(belongs_to_previous):
            yield line.replace(str(script), script.name)
            in_traceback = line == TRACEBACK or in_traceback and line.startswith(" ")
            belongs_to_previous = None


def _settled_warning(warning: re.Match, script: Path) -> str:
    if warning["where"] == str(script):
        return f"{script.name}:{warning['line']}: {warning['text']}"
    return f"{INSTALLED.sub('', warning['where']).strip('<>')}: {warning['text']}"


def _settled_frame(frame: Frame, script: Path, source: list[str]) -> Iterator[str]:
    function = f", in {frame.function}" if frame.function else ""
    if frame.path == str(script):
        yield f'{frame.indent}File "{script.name}", line {frame.line}{function}'
        yield f"{frame.indent}  {source[int(frame.line) - 1].strip()}"
    else:
        yield f'{frame.indent}File "{INSTALLED.sub("", frame.path)}"{function}'


def short(text: str, script: Path, project: Project) -> str:
    """The whole form `text` of a recording, reduced to its last traceback's telling frames and the error itself."""
    before, header, _ = text.partition(f"{TRACEBACK}\n")
    if not header:
        return text
    frames, error = last_traceback(text)
    kept: list[str] = []
    in_own_frame = False
    for line in frames:
        if frame := Frame.read(line):
            in_own_frame = frame.path == script.name
            if in_own_frame or frame.path == TEMPLATE or frame.tells(project):
                kept.append(line)
            elif kept[-1:] != ["  ..."]:
                kept.append("  ...")
        elif in_own_frame:
            kept.append(line)
    return before + header + "".join(f"{line}\n" for line in (*kept, *error))


def diff(before: list[str], after: list[str], after_name: str, before_name: str) -> str:
    """The unified diff between the lines of two snippets, marks already stripped."""
    lines = difflib.unified_diff(before, after, before_name, after_name, lineterm="")
    return "".join(f"{line.rstrip()}\n" for line in lines)
