"""What a run printed, reduced by rule to a text that holds for every patch release, machine and Python.

A recording has a whole form, and a short one for the page: the program's own frames, the frames that tell why
SQLAlchemy wanted to load something, and the error.
"""

import difflib
import re
from pathlib import Path

FRAME = re.compile(r'^(?P<indent>\s*)File "(?P<path>[^"]+)"(?:, line (?P<line>\d+))?(?:, in (?P<function>.+))?$')
WARNING = re.compile(r"^(?P<where>\S+?)(?::(?P<line>\d+))?: (?P<text>\w*Warning: .*)$")
ERROR = re.compile(r"^(?P<outer>[\w.]+)(?:: \((?P<inner>[\w.]+)\)|:|$)")
TRACEBACK = "Traceback (most recent call last):"
INSTALLED = re.compile(r"^.*/(?:site-packages|python\d\.\d+)/")
ADDRESSES = ((re.compile(r"0x[0-9a-f]+"), "0x…"), (re.compile(r"%\(\d+ (\w+)\)s"), r"%(140… \1)s"))
# Every statement goes through these, whatever asked for it.
UNTELLING = ("session.py", "context.py", "state_changes.py", "scoping.py")


def whole(stdout: str, stderr: str, script: Path) -> str:
    """Everything that `script` printed, first what went to stdout, less all that varies between machines."""
    text = stdout.replace(str(script), script.name) + "".join(f"{line}\n" for line in _settled(stderr, script))
    for pattern, replacement in ADDRESSES:
        text = pattern.sub(replacement, text)
    return text


def _settled(stderr: str, script: Path):
    """The lines of `stderr`: own frames with their source line, library frames with their function alone."""
    source = script.read_text().splitlines()
    belongs_to_previous = None
    for line in stderr.splitlines():
        if frame := FRAME.match(line):
            yield from _settled_frame(frame, script, source)
            belongs_to_previous = f"{frame['indent']}  "
        elif warning := WARNING.match(line):
            yield _settled_warning(warning, script)
            belongs_to_previous = "  "
        elif belongs_to_previous is None or not line.startswith(belongs_to_previous):
            yield line
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
    lines = text.splitlines()
    if TRACEBACK not in lines:
        return text
    first, last = lines.index(TRACEBACK), len(lines) - 1 - lines[::-1].index(TRACEBACK)
    kept = lines[:first] + [TRACEBACK]
    in_own_frame = False
    for line in lines[last + 1 :]:
        frame = FRAME.match(line)
        if frame:
            in_own_frame = frame["path"] == script.name
            if in_own_frame or _tells(frame):
                kept.append(line)
            elif kept[-1] != "  ...":
                kept.append("  ...")
        elif WARNING.match(line):
            break
        elif in_own_frame or not line.startswith("    "):
            kept.append(line)
    return "".join(f"{line}\n" for line in kept)


def _tells(frame: re.Match) -> bool:
    """Whether a frame shows why SQLAlchemy needed the database: what it loads, or that it opens a connection."""
    folder, _, file = frame["path"].rpartition("/")
    if folder == "sqlalchemy/orm":
        return file not in UNTELLING
    return frame["path"] == "sqlalchemy/engine/base.py" and frame["function"] == "raw_connection"


def error_class(stderr: str) -> str | None:
    """The innermost class of the last error printed: of `StatementError: (x.MissingGreenlet)` the latter."""
    for line in stderr.rpartition(TRACEBACK)[2].splitlines():
        if not WARNING.match(line) and (error := ERROR.match(line)):
            return (error["inner"] or error["outer"]).rpartition(".")[2]
    return None


def last_own_line(stderr: str, script: Path) -> int | None:
    """The number of the line of `script` in the last frame of its own in the last traceback printed."""
    last_traceback = stderr.rpartition(TRACEBACK)[2]
    frames = (FRAME.match(line) for line in last_traceback.splitlines())
    numbers = [int(frame["line"]) for frame in frames if frame and frame["path"] == str(script)]
    return numbers[-1] if numbers else None


def diff(before: list[str], after: list[str], after_name: str, before_name: str) -> str:
    """The unified diff between the lines of two snippets, marks already stripped."""
    lines = difflib.unified_diff(before, after, before_name, after_name, lineterm="")
    return "".join(f"{line.rstrip()}\n" for line in lines)
