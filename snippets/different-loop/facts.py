# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "aiosqlite>=0.22,<1",
#   "psycopg[binary]>=3.3,<4",
# ]
# ///
"""What the page `different-loop` says beyond its example, each sentence asserted by a run, with asyncpg unless it says otherwise."""

import asyncio
import os
import traceback
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")


async def ping(engine):
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def ping_twice(engine):
    await ping(engine)
    await ping(engine)
    await engine.dispose()


async def ping_and_dispose(engine):
    await ping(engine)
    await engine.dispose()


def refused(call):
    """The functions in the traceback of the error that `call()` raises for want of the right loop."""
    try:
        call()
    except RuntimeError as error:
        assert "attached to a different loop" in str(error), error
        return {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    raise AssertionError("the call was not refused")


def count(engine, name):
    """A list that grows by one with each event of that name."""
    seen = []
    event.listen(engine.sync_engine, name, lambda *_: seen.append(name))
    return seen


def second_use():
    """The first use of the engine works, and the second, in another loop, is refused."""
    engine = create_async_engine(url)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(ping(engine))
        refused(lambda: second.run(ping(engine)))
        first.run(engine.dispose())
    return "the first loop passed, the second was refused"


def other_drivers():
    """With aiosqlite and psycopg, one engine works in two loops."""
    for other in (
        "sqlite+aiosqlite://",
        make_url(url).set(drivername="postgresql+psycopg"),
    ):
        engine = create_async_engine(other)
        connected = count(engine, "connect")
        asyncio.run(ping(engine))
        asyncio.run(ping(engine))
        asyncio.run(engine.dispose())
        assert len(connected) == 1
    return "aiosqlite and psycopg: one connection served two loops"


def thread():
    """A thread that runs a loop of its own is refused as well."""
    engine = create_async_engine(url)
    with asyncio.Runner() as first, ThreadPoolExecutor() as threads:
        first.run(ping(engine))
        threads.submit(refused, lambda: asyncio.run(ping(engine))).result()
        first.run(engine.dispose())
    return "asyncio.run() in a thread was refused"


def pre_ping():
    """With `pool_pre_ping=True` the ping itself is refused."""
    engine = create_async_engine(url, pool_pre_ping=True)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(ping(engine))
        frames = refused(lambda: second.run(ping(engine)))
        first.run(engine.dispose())
    assert "do_ping" in frames and "do_execute" not in frames
    return "do_ping was refused, before the statement"


def connections():
    """Two calls in one loop need one connection; with `dispose()` or NullPool each needs one; the statements are the same."""
    seen = []
    for fix, options, loops in (
        ("one asyncio.run()", {}, [ping_twice]),
        ("dispose()", {}, [ping_and_dispose, ping_and_dispose]),
        ("NullPool", {"poolclass": NullPool}, [ping, ping]),
    ):
        engine = create_async_engine(url, **options)
        connected = count(engine, "connect")
        statements = count(engine, "before_cursor_execute")
        for loop in loops:
            asyncio.run(loop(engine))
        assert (len(connected), len(statements)) == (len(loops), 2)
        seen.append(f"{fix}: {len(connected)}")
    return "; ".join(seen)


for fact in (second_use, other_drivers, thread, pre_ping, connections):
    print(f"{fact.__name__.replace('_', '-')}: {fact()}")
