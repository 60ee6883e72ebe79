"""Runs a snippet and notes what each line of its section sent to the database, and where: in its environment, alone.

Takes the snippet, the first and the last line of its section and the file to write from the environment variables
`OBSERVED`, `FIRST`, `LAST` and `NOTED`. A note is a list: the number of the line, whether the line itself runs in a
greenlet of SQLAlchemy's, whether a block that begins there was ending, what happened, and the text to it. It is `sent`,
`expired`, or `refused` if there was no greenlet; `-here` is added if none of SQLAlchemy's greenlets was running.
"""

import json
import os
import sys
import types

import greenlet
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapper

SCRIPT, FIRST, LAST = os.environ["OBSERVED"], int(os.environ["FIRST"]), int(os.environ["LAST"])
NOTED = os.environ["NOTED"]
notes: list[tuple[int, bool, bool, str, str]] = []


def is_in_greenlet() -> bool:
    return getattr(greenlet.getcurrent(), "__sqlalchemy_greenlet_provider__", False)


def place() -> tuple[int, bool, bool] | None:
    """The innermost line of the section that runs, whether it is in a greenlet, and whether a block ends there."""
    current, called = greenlet.getcurrent(), ""
    frame: types.FrameType | None = sys._getframe()
    is_inside = is_in_greenlet()
    while current is not None:
        while frame is not None:
            if frame.f_code.co_filename == SCRIPT and FIRST <= frame.f_lineno <= LAST:
                return frame.f_lineno, is_inside, called in ("__aexit__", "__exit__")
            frame, called = frame.f_back, frame.f_code.co_name
        current, is_inside = current.parent, False
        frame = current.gr_frame if current is not None else None
    return None


def note(what: str, text: str = "") -> None:
    if (found := place()) is not None:
        here = "" if is_in_greenlet() else "-here"
        notes.append((*found, what + here, " ".join(text.split())))


def note_sent(connection, text: str) -> None:
    """Note what is sent; what no greenlet can wait for is not sent, and `note_error` notes it."""
    if is_in_greenlet() or not connection.dialect.is_async:
        note("sent", text)


def note_statement(connection, _cursor, statement, *_) -> None:
    note_sent(connection, statement)


def note_error(context) -> None:
    if type(context.original_exception).__name__ == "MissingGreenlet":
        note("refused", context.statement or "")


def note_expiry(state, names) -> None:
    """Note what expires; of the state, since its object may be gone."""
    for name in names or [column.key for column in state.mapper.column_attrs]:
        note("expired", f"{state.mapper.class_.__name__}.{name}")


def observe() -> None:
    event.listen(Engine, "before_cursor_execute", note_statement)
    event.listen(Engine, "handle_error", note_error)
    event.listen(Mapper, "expire", note_expiry, raw=True)
    for what in ("begin", "commit", "rollback"):
        event.listen(Engine, what, lambda connection, what=what: note_sent(connection, what.upper()))


def run() -> None:
    """Run the snippet as `__main__`, print its error as Python does, without this frame, and write the notes."""
    main = sys.modules["__main__"]
    sys.argv = [SCRIPT]
    sys.path[0] = os.path.dirname(SCRIPT)
    vars(main).update(__file__=SCRIPT)
    try:
        with open(SCRIPT) as source:
            exec(compile(source.read(), SCRIPT, "exec", dont_inherit=True), vars(main))
    except Exception as error:
        sys.excepthook(type(error), error, error.__traceback__.tb_next)
        sys.exit(1)
    finally:
        with open(NOTED, "w") as file:
            json.dump(notes, file)


observe()
run()
