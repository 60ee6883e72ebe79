# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `dispose-outside-greenlet` says beyond its example, each sentence asserted by a run."""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import traceback
from logging.handlers import BufferingHandler

from sqlalchemy import String, event, text
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.util import greenlet_spawn

AT_EXIT = """
import asyncio, atexit, sys
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(sys.argv[1])
atexit.register(engine.sync_engine.dispose)

async def main():
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 42")))

asyncio.run(main())
"""


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


def refused(read):
    """Assert that `read()` raises for want of a greenlet."""
    try:
        read()
    except MissingGreenlet:
        return
    raise AssertionError("the read was not refused")


async def open_connection(engine):
    """A connection of the driver, as SQLAlchemy calls it, which is back in the pool."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 42"))
        return (await connection.get_raw_connection()).dbapi_connection


async def answer(connection):
    """What an open connection answers, called in a greenlet as SQLAlchemy does."""

    def ask():
        cursor = connection.cursor()
        cursor.execute("SELECT 42")
        return cursor.fetchone()[0]

    return await greenlet_spawn(ask)


async def logged(engine, log):
    """It is logged as an error, in frames that begin in `sqlalchemy/pool/base.py`, and is not raised."""
    connection = await open_connection(engine)
    engine.sync_engine.dispose()
    [record] = log.buffer
    assert record.levelname == "ERROR"
    assert record.getMessage().startswith("Exception closing connection ")
    assert record.exc_info[0] is MissingGreenlet
    files = [frame.filename for frame in traceback.extract_tb(record.exc_info[2])]
    assert files[0].endswith(os.path.join("sqlalchemy", "pool", "base.py"))
    assert __file__ not in files
    await greenlet_spawn(connection.close)
    return "logged from pool/base.py, without a line of the program; nothing was raised"


async def still_open(engine, log):
    """The connection stays open."""
    connection = await open_connection(engine)
    engine.sync_engine.dispose()
    assert len(log.buffer) == 1
    assert await answer(connection) == 42
    await greenlet_spawn(connection.close)
    return "after dispose(), the connection answered 42"


async def pool_dispose(engine, log):
    """`engine.sync_engine.pool.dispose()` logs the same."""
    connection = await open_connection(engine)
    engine.sync_engine.pool.dispose()
    [record] = log.buffer
    assert record.getMessage().startswith("Exception closing connection ")
    await greenlet_spawn(connection.close)
    return "Exception closing connection"


async def at_exit(engine, _log):
    """`atexit.register(engine.sync_engine.dispose)` logs the same, and the exit status is 0."""
    url = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-c", AT_EXIT, url]
    ran = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and ran.stdout == "42\n"
    assert ran.stderr.startswith("Exception closing connection ")
    assert "MissingGreenlet" in ran.stderr
    return "Exception closing connection, exit status 0"


async def close_false(engine, log):
    """With `close=False`, the connection stays open, and nothing is logged or sent."""
    connection = await open_connection(engine)
    statements = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    engine.sync_engine.dispose(close=False)
    assert log.buffer == [] and statements == []
    assert await answer(connection) == 42
    await greenlet_spawn(connection.close)
    return "nothing logged, 0 statements, the connection answered 42"


async def by_product(engine, log):
    """With psycopg and `pool_pre_ping=True`, a read after a commit logs this error, and then raises it."""
    pre_ping = create_async_engine(engine.url, pool_pre_ping=True)
    async with pre_ping.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(pre_ping) as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        refused(lambda: user.name)
        messages = [" ".join(record.getMessage().split()[:3]) for record in log.buffer]
        is_psycopg = engine.driver == "psycopg"
        assert messages == ["Exception terminating connection"] * is_psycopg
    await pre_ping.dispose()
    return f"raised; logged before it: {', '.join(messages) or 'nothing'}"


FACTS = (logged, still_open, pool_dispose, at_exit, close_false, by_product)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            log = BufferingHandler(capacity=100)
            logging.getLogger("sqlalchemy.pool").addHandler(log)
            engine = create_async_engine(url)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(engine, log)}")
            await engine.dispose()
            logging.getLogger("sqlalchemy.pool").removeHandler(log)


asyncio.run(main())
