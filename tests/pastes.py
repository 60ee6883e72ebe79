"""A recording as people paste it: with the paths and line numbers of a machine, as one tool or another shows it."""

import json
import re
import sys
import textwrap
from collections.abc import Callable

from recordings import FRAME, TRACEBACK

PYTHON = "/usr/local/lib/python3.12"
SOURCE = "return fn(*args, **kwargs)"
RAISING = """\
    126     # this is called in the context greenlet while running fn
    127     current = getcurrent()
--> 128     raise exc.MissingGreenlet(
    129         "greenlet_spawn has not been called; can't call "
    130         "await_only() here. Was IO attempted in an unexpected place?"
"""

Lines = list[str]


def plain(text: str) -> Lines:
    """The recording `text` as Python printed it: library frames with their paths, line numbers and source lines."""
    lines: Lines = []
    for number, line in enumerate(text.splitlines()):
        frame = FRAME.match(line)
        if not frame or frame["line"] or not frame["function"]:
            lines.append(line)
            continue
        path, indent = frame["path"], frame["indent"]
        if not path.startswith("<"):
            standard = path.partition("/")[0].removesuffix(".py") in sys.stdlib_module_names
            path = f"{PYTHON}/{path}" if standard else f"{PYTHON}/site-packages/{path}"
        lines.append(f'{indent}File "{path}", line {number + 100}, in {frame["function"]}')
        if not path.startswith("<"):
            lines.append(f"{indent}  {SOURCE}")
    return lines


def _each_frame(lines: Lines, show: Callable[[re.Match, str], Lines]) -> Lines:
    """`lines` with each frame, together with the source line below it, as `show` writes it."""
    shown: Lines = []
    rest = iter([*lines, ""])
    line = next(rest)
    for following in rest:
        if line is None:
            line = following
            continue
        frame = FRAME.match(line)
        if frame and frame["line"]:
            has_source = following.startswith(f"{frame['indent']}  ") and not FRAME.match(following)
            shown += show(frame, following.strip() if has_source else "")
            line = None if has_source else following
        else:
            shown.append(line)
            line = following
    return shown


def carets(lines: Lines) -> Lines:
    def show(frame, source):
        return [frame[0], f"    {source}", f"    {'^' * len(source)}"] if source else [frame[0]]

    return _each_frame(lines, show)


def elided(lines: Lines) -> Lines:
    """Python 3.13 marks what it left out of a long call."""

    def show(frame, source):
        return [frame[0], f"    {source}", "    ...<2 lines>...", "    )", f"    {'^' * 9}"] if source else [frame[0]]

    return _each_frame(lines, show)


def exception_group(lines: Lines) -> Lines:
    return [
        f"  + Exception Group {TRACEBACK}",
        '  |   File "/app/main.py", line 3, in <module>',
        "  |     asyncio.run(main())",
        "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)",
        "  +-+---------------- 1 ----------------",
        *(f"    | {line}" for line in lines),
        "    +------------------------------------",
    ]


def docker_compose(lines: Lines) -> Lines:
    return [f"web-1  | {line}" for line in lines]


def journald(lines: Lines) -> Lines:
    return [f"Nov 21 08:15:42 web1 uvicorn[4242]: {line}" for line in lines]


def timestamps(lines: Lines) -> Lines:
    return [f"2026-11-21T08:15:42.123456Z {line}" for line in lines]


def quoted(lines: Lines) -> Lines:
    return [f"> {line}" for line in lines]


def coloured(lines: Lines) -> Lines:
    def show(frame, source):
        path, number, function = (f"\x1b[35m{frame[part]}\x1b[0m" for part in ("path", "line", "function"))
        where = f'  File "{path}", line {number}, in {function}'
        return [where, f"    \x1b[31m{source}\x1b[0m"]

    return [
        re.sub(r"^(\w[\w.]*(?:Error|Greenlet)):", "\x1b[1;35m\\1\x1b[0m:", line) for line in _each_frame(lines, show)
    ]


def windows(lines: Lines) -> Lines:
    def show(frame, source):
        path = frame["path"].replace(PYTHON, r"C:\new\Python312\Lib").replace("/", "\\")
        path = path if path.startswith(("C:", "<")) else rf"C:\new\app\{path}"
        return [f'  File "{path}", line {frame["line"]}, in {frame["function"]}', f"    {source}"]

    return [f"{line}\r" for line in _each_frame(lines, show)]


def json_log(lines: Lines) -> Lines:
    return [json.dumps({"level": "error", "event": "request failed", "exception": "\n".join(lines)})]


def pytest_short(lines: Lines) -> Lines:
    def show(frame, source):
        return [f"{frame['path']}:{frame['line']}: in {frame['function']}", f"    {source}"]

    shown = [line for line in _each_frame(lines, show) if TRACEBACK not in line]
    return [line if re.match(r"\S+:\d+: in |    |$|The above|During", line) else f"E   {line}" for line in shown]


def ipython(lines: Lines) -> Lines:
    def show(frame, source):
        where = f"File {frame['path']}:{frame['line']}, in {frame['function']}(self, *args)"
        context = [f"    {int(frame['line']) - 1} # the line above", f"--> {frame['line']} {source}", ""]
        is_raising = frame["function"] in ("await_", "await_only")
        return [where, *(RAISING.splitlines() if is_raising else context)]

    own = [line if "before" not in line else line.replace("before", "/app/before") for line in lines]
    return _each_frame(own, show)


def rich(lines: Lines) -> Lines:
    def show(frame, source):
        where = f"{frame['path']}:{frame['line']} in {frame['function']}"
        if not where.startswith("/"):
            where = f"/srv/app/{where}"
        content = [
            *textwrap.wrap(where, 76),
            "",
            f"  {frame['line']} │   # above",
            f"❱ {frame['line']} │   {source}"[:76],
            "",
        ]
        return [f"│ {line:<76} │" for line in content]

    head = f"╭─────────────────── {TRACEBACK.removesuffix(':')} ───────────────────╮"
    shown = [head if TRACEBACK in line else line for line in _each_frame(lines, show)]
    return [piece for line in shown for piece in (textwrap.wrap(line, 80) if len(line) > 80 else [line])]


def loguru(lines: Lines) -> Lines:
    def show(frame, source):
        diagram = [
            "          │    │      └ <User object at 0x7f1c2d3e4f50>",
            "          └ <function main at 0x7f1c2d3e4f50>",
        ]
        return [frame[0], f"    {source}", *diagram]

    return _each_frame(lines, show)


DISGUISES: dict[str, Callable[[Lines], Lines]] = {
    disguise.__name__: disguise
    for disguise in (
        carets, elided, exception_group, docker_compose, journald, timestamps, quoted, coloured, windows, json_log,
        pytest_short, ipython, rich, loguru,
    )
}  # fmt: skip
TAILS = (4, 10, 30)
