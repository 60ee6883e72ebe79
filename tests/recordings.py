"""What a run printed, reduced by rule to a text that holds for every patch release, machine and Python.

A recording has a whole form, and a short one for the page: the program's own frames, the frames that tell why
SQLAlchemy wanted to load something, and the error.
"""

import difflib
import itertools
import re
from pathlib import Path

FRAME = re.compile(r'^(?P<indent>\s*)File "(?P<path>[^"]+)"(?:, line (?P<line>\d+))?(?:, in (?P<function>.+))?$')
WARNING = re.compile(r"^(?P<where>\S+?)(?::(?P<line>\d+))?: (?P<text>\w*Warning: .*)$")
ERROR = re.compile(r"^(?P<outer>[\w.]+)(?:: \((?P<inner>[\w.]+)\)|:|$)")
TRACEBACK = "Traceback (most recent call last):"
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
# Every statement goes through these, whatever asked for it.
UNTELLING = ("session.py", "context.py", "state_changes.py", "scoping.py")


def whole(stdout: str, stderr: str, script: Path) -> str:
    """Everything that `script` printed, first what went to stdout, less all that varies between machines."""
    text = stdout.replace(str(script), script.name) + "".join(f"{line}\n" for line in _settled(stderr, script))
    for pattern, replacement in ADDRESSES + WORDINGS:
        text = pattern.sub(replacement, text)
    return text


def _settled(stderr: str, script: Path):
    """The lines of `stderr`: own frames with their source line, library frames with their function alone."""
    source = script.read_text().splitlines()
    in_traceback, belongs_to_previous = True, None
    for line in stderr.splitlines():
        if in_traceback and (frame := FRAME.match(line)):
            if frame["function"] not in INLINED:
                yield from _settled_frame(frame, script, source)
            belongs_to_previous = f"{frame['indent']}  "
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


def _settled_frame(frame: re.Match, script: Path, source: list[str]):
    function = f", in {frame['function']}" if frame["function"] else ""
    if frame["path"] == str(script):
        yield f'{frame["indent"]}File "{script.name}", line {frame["line"]}{function}'
        yield f"{frame['indent']}  {source[int(frame['line']) - 1].strip()}"
    else:
        yield f'{frame["indent"]}File "{INSTALLED.sub("", frame["path"])}"{function}'


def short(text: str, script: Path) -> str:
    """The whole form `text` of a recording, reduced to its last traceback's telling frames and the error itself."""
    before, header, _ = text.partition(f"{TRACEBACK}\n")
    if not header:
        return text
    frames, error = _last_traceback(text)
    kept: list[str] = []
    in_own_frame = False
    for line in frames:
        if frame := FRAME.match(line):
            in_own_frame = frame["path"] == script.name
            if in_own_frame or _tells(frame):
                kept.append(line)
            elif kept[-1:] != ["  ..."]:
                kept.append("  ...")
        elif in_own_frame:
            kept.append(line)
    error = itertools.takewhile(lambda line: not WARNING.match(line), error)
    return before + header + "".join(f"{line}\n" for line in (*kept, *error))


def _last_traceback(text: str) -> tuple[list[str], list[str]]:
    """The lines of the last traceback's frames, and all lines from the error on."""
    lines = text.rpartition(f"{TRACEBACK}\n")[2].splitlines()
    error = next((number for number, line in enumerate(lines) if not line.startswith(" ")), len(lines))
    return lines[:error], lines[error:]


def _tells(frame: re.Match) -> bool:
    """Whether a frame shows why SQLAlchemy needed the database: who reads, what is loaded, what opens a connection."""
    if frame["path"] == "<template>":
        return True
    folder, _, file = frame["path"].rpartition("/")
    if folder == "sqlalchemy/orm":
        return file not in UNTELLING
    return frame["path"] == "sqlalchemy/engine/base.py" and frame["function"] == "raw_connection"


def error_classes(stderr: str, script: Path) -> tuple[str, ...]:
    """The class of the error that ended `script`, and what it wraps: of `StatementError: (x.MissingGreenlet)` both."""
    _, error = _last_traceback(_uncaught(stderr, script))
    found = ERROR.match(error[0]) if error else None
    return tuple(name.rpartition(".")[2] for name in found.groups() if name) if found else ()


def error_class(stderr: str, script: Path) -> str | None:
    """The innermost class of the error that ended `script`."""
    return next(reversed(error_classes(stderr, script)), None)


def _uncaught(stderr: str, script: Path) -> str:
    """The traceback that begins in the module `script` itself; a log or a destructor may print others after it."""
    for traceback in reversed(stderr.split(f"{TRACEBACK}\n")):
        frame = FRAME.match(traceback.partition("\n")[0])
        if frame and frame["path"] == str(script) and frame["function"] == "<module>":
            return traceback
    return stderr


def own_lines(stderr: str, script: Path) -> list[int]:
    """The numbers of the lines of `script` in all frames of its own that were printed."""
    frames = (FRAME.match(line) for line in stderr.splitlines())
    return [int(frame["line"]) for frame in frames if frame and frame["path"] == str(script)]


def last_own_line(stderr: str, script: Path) -> int | None:
    """The number of the line of `script` in the last frame of its own in the traceback of the error that ended it."""
    frames, _ = _last_traceback(_uncaught(stderr, script))
    return next(reversed(own_lines("\n".join(frames), script)), None)


def diff(before: list[str], after: list[str], after_name: str, before_name: str) -> str:
    """The unified diff between the lines of two snippets, marks already stripped."""
    lines = difflib.unified_diff(before, after, before_name, after_name, lineterm="")
    return "".join(f"{line.rstrip()}\n" for line in lines)
