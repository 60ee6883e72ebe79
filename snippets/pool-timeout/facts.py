# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `pool-timeout` says beyond its example, each sentence asserted by a run."""

import asyncio
import builtins
import inspect
import os
import tempfile

from sqlalchemy import AsyncAdaptedQueuePool, NullPool, select
from sqlalchemy.exc import SQLAlchemyError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

REACHED = "QueuePool limit of size {} overflow {} reached, connection timed out, timeout {:.2f}"


async def refused(call, size, overflow, timeout=0.1):
    """The error that awaiting `call()` raises, whose message names the limit."""
    try:
        await call()
    except SQLAlchemyError as error:
        assert type(error) is TimeoutError and error.code == "3o7r", error
        expected = REACHED.format(size, overflow, timeout)
        assert str(error).startswith(expected), error
        return error
    raise AssertionError("the call was not refused")


def new_engine(url, **options):
    return create_async_engine(url, **{"pool_timeout": 0.1, **options})


async def query(engine):
    async with AsyncSession(engine) as session:
        return await session.scalar(select(42))


async def in_use(engine, connections):
    """Sessions that have a connection each."""
    sessions = [AsyncSession(engine) for _ in range(connections)]
    for session in sessions:
        await session.scalar(select(42))
    return sessions


async def close(*sessions):
    for session in sessions:
        await session.close()


async def limit(url):
    """The message names `pool_size`, `max_overflow` and `pool_timeout`, which are 5, 10 and 30 by default; its code is 3o7r."""
    defaults = inspect.signature(AsyncAdaptedQueuePool).parameters
    names = ("pool_size", "max_overflow", "timeout")
    assert [defaults[name].default for name in names] == [5, 10, 30.0]
    engine = new_engine(url)
    sessions = await in_use(engine, 15)
    error = await refused(lambda: query(engine), 5, 10)
    await close(*sessions)
    await engine.dispose()
    message, _, _ = str(error).partition(" (Background")
    return f"15 sessions, then: {message}; {error.code}; pool_timeout is 30 by default"


async def builtin(url):
    """It is not Python's `TimeoutError`, which `except TimeoutError` without an import catches."""
    assert not issubclass(TimeoutError, builtins.TimeoutError)
    assert issubclass(asyncio.TimeoutError, builtins.TimeoutError)
    engine = new_engine(url, pool_size=1, max_overflow=0)
    sessions = await in_use(engine, 1)
    error = await refused(lambda: query(engine), 1, 0)
    assert not isinstance(error, builtins.TimeoutError)
    await close(*sessions)
    await engine.dispose()
    return f"{type(error).__module__}.TimeoutError, no subclass of Python's"


async def transaction(url):
    """A session takes its connection for its first statement, and returns it at `commit()`, `rollback()` or `close()`."""
    engine = new_engine(url)
    checked_out = []
    for end in "commit", "rollback", "close":
        session = AsyncSession(engine)
        counts = [engine.pool.checkedout()]
        await session.scalar(select(42))
        counts.append(engine.pool.checkedout())
        await getattr(session, end)()
        counts.append(engine.pool.checkedout())
        assert counts == [0, 1, 0]
        checked_out.append(counts)
        await session.close()
    await engine.dispose()
    return "checked out: 0 at first, 1 after a SELECT, 0 after commit(), rollback() and close()"


async def nested(url):
    """Tasks that open a second session while they use their first can take all connections: then each waits in vain."""
    engine = new_engine(url, pool_size=2, max_overflow=0)
    both = asyncio.Barrier(2)

    async def outer():
        async with AsyncSession(engine) as session:
            await session.scalar(select(42))
            await both.wait()
            return await query(engine)

    results = await asyncio.gather(outer(), outer(), return_exceptions=True)
    assert TimeoutError in [type(result) for result in results]
    await engine.dispose()
    engine = new_engine(url, pool_size=2, max_overflow=0)
    both = asyncio.Barrier(1)
    assert await outer() == 42
    await engine.dispose()
    return "2 tasks, 2 connections: TimeoutError; 1 task, 2 connections: no error"


async def larger(url):
    """`pool_size` and `max_overflow` are a limit per engine, and the pool opens a connection only when one is needed."""
    engine = new_engine(url, pool_size=20)
    await query(engine)
    opened = engine.pool.checkedin()
    sessions = await in_use(engine, 30)
    await refused(lambda: query(engine), 20, 10)
    other = new_engine(url)
    assert await query(other) == 42
    await close(*sessions)
    kept = engine.pool.checkedin()
    await engine.dispose()
    await other.dispose()
    assert (opened, kept) == (1, 20)
    return "1 connection after one query; 30 sessions, then refused; 20 kept; another engine: no error"


async def null_pool(url):
    """`NullPool` has no limit, and opens a connection for each session."""
    engine = create_async_engine(url, poolclass=NullPool)
    sessions = await in_use(engine, 20)
    assert await query(engine) == 42
    await close(*sessions)
    await engine.dispose()
    return "20 sessions and one more: no error"


FACTS = (limit, builtin, transaction, nested, larger, null_pool)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            print(f"{fact.__name__.replace('_', '-')}: {await fact(url)}")


asyncio.run(main())
