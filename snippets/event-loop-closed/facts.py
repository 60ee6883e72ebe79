# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
"""What the page `event-loop-closed` says beyond its example, each sentence asserted by a run."""

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
import traceback

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
driver = make_url(url).get_driver_name()
# The drivers whose connections belong to the loop that opened them.
bound_to_a_loop = driver in ("asyncpg", "asyncmy", "aiomysql")

TERMINATING = "Exception terminating connection"
CLOSING = "Exception closing connection"
COLLECTING = "The garbage collector is trying to clean up"
CLOSED = "Event loop is closed"
OTHER_LOOP = "attached to a different loop"

# A program that closes its session, and disposes of its engine if it is told so.
PROGRAM = """
import asyncio, sys
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

async def read():
    async with AsyncSession(engine) as session:
        await session.scalar(text("SELECT 42"))
    if sys.argv[2:]:
        await engine.dispose()

engine = create_async_engine(sys.argv[1])
asyncio.run(read())
"""


class PoolLog(logging.Handler):
    """What connection pools log while it is entered: how each message begins, and the errors below it."""

    def emit(self, record):
        [beginning] = [
            beginning
            for beginning in (TERMINATING, CLOSING, COLLECTING)
            if record.getMessage().startswith(beginning)
        ]
        errors, error = [], record.exc_info and record.exc_info[1]
        while error:
            errors.append(str(error))
            error = error.__context__
        self.seen.append((beginning, errors))

    def __enter__(self):
        self.seen = []
        logging.getLogger("sqlalchemy.pool").addHandler(self)
        return self.seen

    def __exit__(self, *_):
        logging.getLogger("sqlalchemy.pool").removeHandler(self)


def new_engine():
    return create_async_engine(url, poolclass=AsyncAdaptedQueuePool)


async def read(session):
    await session.scalar(text("SELECT 42"))


async def outcome(engine):
    """How one use of the engine ends."""
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 42"))
    except RuntimeError as error:
        assert OTHER_LOOP in str(error), error
        return OTHER_LOOP
    return "passed"


async def read_and_close(engine):
    async with AsyncSession(engine) as session:
        await read(session)


def refused(call):
    """The modules in the traceback of the error that `call()` raises because the loop is closed."""
    try:
        call()
    except RuntimeError as error:
        assert str(error) == CLOSED, error
        return [
            frame.f_globals["__name__"].partition(".")[0]
            for frame, _ in traceback.walk_tb(error.__traceback__)
        ]
    raise AssertionError("the call was not refused")


def two_messages():
    """A session that outlives its loop: two messages, or with aiosqlite and psycopg the second alone."""

    def leave_open():
        session = AsyncSession(new_engine())
        asyncio.run(read(session))

    with PoolLog() as seen:
        leave_open()
        gc.collect()
    first = [(TERMINATING, [CLOSED])] if bound_to_a_loop else []
    assert seen == [*first, (COLLECTING, [])]
    return f"{driver}: {'; '.join(beginning for beginning, _ in seen)}"


def loop_still_running():
    """A session that is freed while its loop runs: the second message alone, with each driver."""

    async def leave_open(engine):
        await read(AsyncSession(engine))

    async def main():
        engine = new_engine()
        await leave_open(engine)
        gc.collect()
        await engine.dispose()

    with PoolLog() as seen:
        asyncio.run(main())
    assert seen == [(COLLECTING, [])]
    return COLLECTING


def dispose_after_close():
    """`dispose()` in a closed loop: asyncio itself refuses, with each driver, and no frame is SQLAlchemy's."""
    engine = create_async_engine(url, poolclass=NullPool)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(read_and_close(engine))
    disposing = engine.dispose()
    loop.close()
    modules = refused(lambda: loop.run_until_complete(disposing))
    disposing.close()
    assert set(modules) == {"__main__", "asyncio"}
    return "refused by asyncio"


def dispose_in_another_loop():
    """`asyncio.run(engine.dispose())` after another `asyncio.run()` logs this error."""
    engine = new_engine()
    with PoolLog() as seen:
        asyncio.run(read_and_close(engine))
        asyncio.run(engine.dispose())
    if not bound_to_a_loop:
        assert seen == []
        return f"{driver}: no message"
    [(beginning, errors)] = seen
    assert beginning == CLOSING and errors[0] == CLOSED
    other = [error for error in errors if "attached to a different loop" in error]
    assert len(other) == (1 if driver == "asyncpg" else 0)
    below = " after attached to a different loop" if other else ""
    return f"{driver}: {beginning}: {CLOSED}{below}"


def never_disposed():
    """With all sessions closed, an engine that is never disposed of prints nothing at exit, except with aiomysql."""
    program = [sys.executable, "-c", PROGRAM, url]
    printed = subprocess.run(program, check=True, capture_output=True, text=True).stderr
    if driver != "aiomysql":
        assert printed == ""
        return f"{driver}: nothing at exit"
    assert printed.startswith("Exception ignored in: <function Connection.__del__")
    assert printed.endswith(f"RuntimeError: {CLOSED}\n")
    return f"{driver}: Exception ignored in: <function Connection.__del__ …>"


def disposed():
    """With `await engine.dispose()` at the end, nothing is printed at exit, with aiomysql neither."""
    program = [sys.executable, "-c", PROGRAM, url, "dispose"]
    run = subprocess.run(program, check=True, capture_output=True, text=True)
    assert run.stderr == ""
    return f"{driver}: nothing at exit"


def used_in_another_loop():
    """With asyncpg, asyncmy and aiomysql and `pool_pre_ping=True`, every second loop is refused, and this error is logged."""
    engine = create_async_engine(
        url, poolclass=AsyncAdaptedQueuePool, pool_pre_ping=True
    )
    with PoolLog() as logged:
        seen = [asyncio.run(outcome(engine)) for _ in range(4)]
    if not bound_to_a_loop:
        asyncio.run(engine.dispose())
        assert seen == ["passed"] * 4 and logged == []
        return f"{driver}: passed four times"
    assert seen == ["passed", OTHER_LOOP] * 2
    assert [(begun, errors[0]) for begun, errors in logged] == [
        (TERMINATING, CLOSED)
    ] * 2
    return f"{driver}: passed, refused, passed, refused; {TERMINATING}: {CLOSED}"


def costs():
    """`async with session:` sends one ROLLBACK, and `engine.dispose()` no statement."""
    engine, sent = new_engine(), []
    for name in ("before_cursor_execute", "rollback", "commit"):
        event.listen(engine.sync_engine, name, lambda *_, name=name: sent.append(name))

    async def main():
        await read_and_close(engine)
        assert sent == ["before_cursor_execute", "rollback"]
        await engine.dispose()
        assert sent == ["before_cursor_execute", "rollback"]

    asyncio.run(main())
    return "async with session: the query and a ROLLBACK; dispose(): no statement"


for fact in (
    two_messages,
    loop_still_running,
    dispose_after_close,
    dispose_in_another_loop,
    never_disposed,
    disposed,
    used_in_another_loop,
    costs,
):
    print(f"{fact.__name__.replace('_', '-')}: {fact()}")

# The threads of aiosqlite's connections that were cleaned up end by themselves.
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join()
