# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "psycopg[binary]>=3.3,<4",
#   "aiosqlite>=0.22,<1",
# ]
# ///
"""What the page `await-required` says beyond its example, each sentence asserted by a run, with aiosqlite or asyncpg."""

import asyncio
import functools
import os
import sqlite3
import threading
import traceback

import psycopg
import sqlalchemy
from sqlalchemy import make_url, text
from sqlalchemy.exc import AwaitRequired
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
SELECT = text("SELECT 42")


async def refused(call, expected):
    """The error of an expected class that `call` raises, and the functions in its traceback."""
    try:
        await call
    except expected as error:
        return error, [
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        ]
    raise AssertionError("the call was not refused")


def sqlite_engine(connect):
    return create_async_engine("sqlite+aiosqlite://", creator=connect)


def sync_connect():
    return sqlite3.connect(":memory:")


async def statement_ran():
    """The statement has run by the time that `AwaitRequired` is raised."""
    raw = sqlite3.connect(":memory:")
    raw.execute("CREATE TABLE users (name TEXT)")
    async with sqlite_engine(lambda: raw).connect() as connection:
        insert = text("INSERT INTO users VALUES ('alice')")
        await refused(connection.execute(insert), AwaitRequired)
        rows = raw.execute("SELECT name FROM users").fetchall()
    assert rows == [("alice",)]
    return "the row was there"


async def checked():
    """Which methods of `AsyncConnection` check this, and that `run_sync()` does not."""
    names = []
    for name, statement in (
        ("execute", SELECT),
        ("scalar", SELECT),
        ("scalars", SELECT),
        ("exec_driver_sql", "SELECT 42"),
    ):
        async with sqlite_engine(sync_connect).connect() as connection:
            call = getattr(connection, name)(statement)
            _, functions = await refused(call, AwaitRequired)
            assert functions[-1] == "greenlet_spawn"
            names.append(name)
    async with sqlite_engine(sync_connect).connect() as connection:
        assert await connection.run_sync(lambda sync: sync.scalar(SELECT)) == 42
    return (
        f"{', '.join(names)} raised AwaitRequired in greenlet_spawn; run_sync read 42"
    )


async def session():
    """`AsyncSession.scalar()` works and runs in the loop's thread; `execute()` raises AttributeError."""

    def connect():
        raw = sqlite3.connect(":memory:")
        raw.create_function("thread", 0, threading.get_ident)
        return raw

    engine = sqlite_engine(connect)
    async with AsyncSession(engine) as session:
        thread = await session.scalar(text("SELECT thread()"))
        assert thread == threading.get_ident()
        error, _ = await refused(session.execute(SELECT), AttributeError)
        message = "'sqlite3.Cursor' object has no attribute '_async_soft_close'"
        assert str(error) == message
    return f"scalar() ran in the loop's thread; execute(): {message}"


async def postgresql():
    """On PostgreSQL, the first connection raises AttributeError."""
    server = make_url(url).set(drivername="postgresql")
    connect = functools.partial(
        psycopg.connect, server.render_as_string(hide_password=False)
    )
    engine = create_async_engine(url, creator=connect)
    error, functions = await refused(engine.connect().start(), AttributeError)
    lacks = "await_" if sqlalchemy.__version__ < "2.1" else "_connection"
    assert str(error) == f"'Connection' object has no attribute '{lacks}'"
    return str(error)


async def main():
    for fact in (statement_ran, checked, session, postgresql):
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")


asyncio.run(main())
