"""A recording as people paste it: with the paths and line numbers of a machine, as one tool or another shows it.

What a library prints, the library prints here too. What logs, shells and later Pythons make of it is done to the text.
"""

import io
import json
import linecache
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from html import escape
from itertools import pairwise
from types import SimpleNamespace
from unittest import mock

import structlog
from _pytest._code import ExceptionInfo, Traceback
from _pytest._code.code import TracebackStyle
from IPython.core.compilerop import CachingCompiler
from IPython.core.ultratb import AutoFormattedTB
from loguru import logger
from rich.console import Console
from rich.traceback import Traceback as RichTraceback

from guide.tracebacks import ERROR, FRAME
from tests.paste_box.replay import FOLDER, replayed

PYTHON = "/usr/local/lib/python3.12"
SOURCE = "return fn(*args, **kwargs)"
# A frame, the line that stands there, and what is called in it.
FRAME_AND_SOURCE = re.compile(r'^  File "(.+)", line (\d+), in (.+)\n    ([^\s(][^(\n]*)(.*)$', re.MULTILINE)

Lines = list[str]


def plain(text: str) -> Lines:
    """The recording `text` as Python printed it: library frames with their paths, line numbers and source lines."""
    lines: Lines = []
    frames_in: Counter[str] = Counter()
    for line, below in pairwise([*text.splitlines(), ""]):
        frame = FRAME.match(line)
        if not frame or frame["line"] or not frame["function"]:
            lines.append(line)
            continue
        path, indent = frame["path"], frame["indent"]
        if not path.startswith("<"):
            standard = path.partition("/")[0].removesuffix(".py") in sys.stdlib_module_names
            path = f"{PYTHON}/{path}" if standard else f"{PYTHON}/site-packages/{path}"
        frames_in[path] += 1
        lines.append(f'{indent}File "{path}", line {10 * frames_in[path]}, in {frame["function"]}')
        if not path.startswith("<"):
            raised = ERROR.match(below)
            lines.append(f"{indent}  raise {raised['outer'].rpartition('.')[2]}(" if raised else f"{indent}  {SOURCE}")
    return lines


def python(error: Exception) -> str:
    return "".join(traceback.format_exception(error))


def exception_group(error: Exception) -> str:
    return python(ExceptionGroup("unhandled errors in a TaskGroup", [error]))


def rich(error: Exception, show_locals: bool = False, **terminal) -> str:
    """As where the files exist: rich does not name others."""
    stream = io.StringIO()
    console = Console(file=stream, **terminal)
    with mock.patch("os.path.exists", lambda path: not path.startswith("<")):
        console.print(RichTraceback.from_exception(type(error), error, error.__traceback__, show_locals=show_locals))
    return stream.getvalue()


def loguru(error: Exception) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
    logger.remove()
    logger.add(stream, backtrace=True, diagnose=True)
    logger.opt(exception=error).error("Request failed")
    return stream.buffer.getvalue().decode()


def ipython(error: Exception) -> str:
    shown = AutoFormattedTB(mode="Context", theme_name="nocolor")
    return shown.stb2text(shown.structured_traceback(type(error), error, error.__traceback__))


def jupyter(error: Exception) -> str:
    """As where the reader's own file is a cell of a notebook."""
    compiler = CachingCompiler()
    compiler._filename_map = {path: 3 for path in linecache.cache if path.startswith(FOLDER)}
    with mock.patch("IPython.core.tbtools.get_ipython", return_value=SimpleNamespace(compile=compiler)):
        return ipython(error)


def pytest(
    error: Exception, style: TracebackStyle, tbfilter: Callable[[ExceptionInfo], Traceback] | bool = True
) -> str:
    return str(ExceptionInfo.from_exception(error).getrepr(style=style, funcargs=True, tbfilter=tbfilter))


def shortened(info: ExceptionInfo) -> Traceback:
    """The first call and the last at length, which is what pytest shows if it is not told otherwise."""
    first, *others = info.traceback
    return Traceback([first, *(call.with_repr_style("short") for call in others[:-1]), *others[-1:]])


def log(error: Exception, processor: Callable) -> str:
    event = {"event": "request failed", "level": "error", "exc_info": error}
    line = structlog.processors.JSONRenderer()(None, "error", processor(None, "error", event))
    assert isinstance(line, str)
    return line


def with_errors(show: Callable[[Exception], str], lines: Lines) -> Lines:
    """`lines` with what `show` makes of its error in place of each traceback."""
    parts = (part if isinstance(part, str) else show(part) for part in replayed(lines))
    return [line for part in parts for line in part.splitlines() or [""]]


def with_frames(show: Callable[[re.Match], str], lines: Lines) -> Lines:
    return FRAME_AND_SOURCE.sub(show, "\n".join(lines)).splitlines()


def with_each(form: str, lines: Lines) -> Lines:
    return [form.format(line) for line in lines]


def coloured(found: re.Match) -> str:
    """What Python 3.13 prints on a terminal."""
    path, line, function, called, arguments = found.groups()
    where = f'  File \x1b[35m"{path}"\x1b[0m, line \x1b[35m{line}\x1b[0m, in \x1b[35m{function}\x1b[0m\n'
    marks = f"    \x1b[31m{'~' * len(called)}\x1b[0m\x1b[1;31m{'^' * len(arguments)}\x1b[0m"
    return f"{where}    \x1b[31m{called}\x1b[0m\x1b[1;31m{arguments}\x1b[0m\n{marks}"


def elided(found: re.Match) -> str:
    """What Python 3.13 prints of a call in many lines."""
    return f"{found[0]}\n        user,\n    ...<2 lines>...\n        session,\n    )"


def windows(found: re.Match) -> str:
    path = found[1].replace(PYTHON, r"C:\new\Python312\Lib").replace("/", "\\")
    path = path if path.startswith(("C:", "<")) else rf"C:\new\app\{path}"
    return found[0].replace(found[1], path)


def conda(found: re.Match) -> str:
    """Conda on Windows, below a user whose name has a space."""
    lib = "C:\\Users\\Ana Diaz\\miniconda3\\envs\\app\\lib"
    path = found[1].replace(PYTHON, lib).replace("/", "\\")
    path = path if path.startswith(("C:", "<")) else rf"C:\Users\Ana Diaz\app\{path}"
    return found[0].replace(found[1], path)


def in_one_folder(found: re.Match) -> str:
    """AWS Lambda: packages lie beside the program."""
    path = found[1].replace(f"{PYTHON}/site-packages", "/var/task").replace(PYTHON, "/var/lang/lib/python3.12")
    return found[0].replace(found[1], path if path.startswith(("/", "<")) else f"/var/task/{path}")


def listed(lines: Lines) -> Lines:
    """A notebook's file: JSON with each line as a text of its own."""
    return json.dumps({"output_type": "error", "traceback": lines}, indent=1).splitlines()


def nested(lines: Lines) -> Lines:
    """A log in a log in a log."""
    text = "\n".join(["Request failed", *lines])
    for key in ("exc_info", "log", "textPayload"):
        text = json.dumps({key: text})
    return [text]


def with_stack(lines: Lines) -> Lines:
    """What `logging` adds with `stack_info=True`: where it was called, which is no error."""
    return [
        *lines,
        "Stack (most recent call last):",
        '  File "/srv/app/logs.py", line 9, in report',
        "    log.error(text)",
    ]


BY_LIBRARIES: dict[str, Callable[[Lines], Lines]] = {
    "carets": partial(with_errors, python),
    "exception_group": partial(with_errors, exception_group),
    "rich": partial(with_errors, partial(rich, width=100)),
    "rich_narrow": partial(with_errors, partial(rich, width=80, force_terminal=True, show_locals=True)),
    "loguru": partial(with_errors, loguru),
    "ipython": partial(with_errors, ipython),
    "jupyter": partial(with_errors, jupyter),
    "pytest_short": partial(with_errors, partial(pytest, style="short")),
    "pytest_long": partial(with_errors, partial(pytest, style="long")),
    "pytest_auto": partial(with_errors, partial(pytest, style="long", tbfilter=shortened)),
    "json_log": partial(with_errors, partial(log, processor=structlog.processors.format_exc_info)),
    "json_frames": partial(with_errors, partial(log, processor=structlog.processors.dict_tracebacks)),
}
DISGUISES: dict[str, Callable[[Lines], Lines]] = {
    **BY_LIBRARIES,
    "coloured": partial(with_frames, coloured),
    "elided": partial(with_frames, elided),
    "windows": lambda lines: with_each("{}\r", with_frames(windows, lines)),
    "conda": partial(with_frames, conda),
    "in_one_folder": partial(with_frames, in_one_folder),
    "listed": listed,
    "nested": nested,
    "with_stack": with_stack,
    "colours_as_text": lambda lines: [line.replace("\x1b", "\\033") for line in with_frames(coloured, lines)],
    "spaces_of_a_page": lambda lines: [line.replace(" ", "\N{NO-BREAK SPACE}") for line in lines],
    "entities_twice": lambda lines: [escape(escape(line)) for line in lines],
    "blank_lines_between": lambda lines: [part for line in lines for part in (line, "")],
    "tabs": lambda lines: [line.replace("    ", "\t\t").replace("  File", "\tFile") for line in lines],
    "curly_quotes": lambda lines: [re.sub('"([^"]*)"', r"“\1”", line).replace("'", "’") for line in lines],
    "pytest_in_ci": lambda lines: with_each("2026-11-21T08:15:42.1234567Z {}", BY_LIBRARIES["pytest_long"](lines)),
    "docker_compose": partial(with_each, "web-1  | {}"),
    "journald": partial(with_each, "Nov 21 08:15:42 web1 uvicorn[4242]: {}"),
    "timestamps": partial(with_each, "2026-11-21T08:15:42.123456Z {}"),
    "quoted": partial(with_each, "> {}"),
}
TAILS = (4, 10, 30)
