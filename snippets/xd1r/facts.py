# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `xd1r` says about AwaitRequired, each sentence asserted by a run with each pool, on SQLite."""

import asyncio
import sqlite3
import tempfile

import aiosqlite
from sqlalchemy import text
from sqlalchemy.exc import AwaitRequired, InvalidRequestError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

URL = "sqlite+aiosqlite://"


async def refused(call, raised):
    """What the error of `await call()` says, which has to be of this very class."""
    try:
        await call()
    except (AwaitRequired, InvalidRequestError) as error:
        assert type(error) is raised, error
        return str(error)
    raise AssertionError("the call was not refused")


async def creator(path, pool):
    """With `creator=` and a sync connection, a statement runs without an `await`, and then raises AwaitRequired."""
    engine = create_async_engine(URL, creator=lambda: sqlite3.connect(path), **pool)
    async with engine.connect() as connection:
        for number in (1, 2):
            insert = text(f"INSERT INTO users VALUES ({number})")
            said = await refused(lambda s=insert: connection.execute(s), AwaitRequired)
        count = await connection.run_sync(
            lambda sync: sync.scalar(text("SELECT count(*) FROM users"))
        )
    await engine.dispose()
    assert said.startswith("The current operation required an async execution but none")
    assert said.endswith("/xd1r)")
    assert count == 2
    return f"AwaitRequired twice, and {count} rows were inserted"


async def async_creator(path, pool):
    """With `async_creator=` and an async connection, the statement works."""

    async def connect():
        return await aiosqlite.connect(path)

    engine = create_async_engine(URL, async_creator=connect, **pool)
    async with engine.connect() as connection:
        answer = (await connection.execute(text("SELECT 42"))).scalar_one()
    await engine.dispose()
    return f"answer: {answer}"


async def sync_driver(path, pool):
    """`create_async_engine()` refuses a sync driver in the URL, so the error is another one."""

    async def create():
        create_async_engine(f"sqlite:///{path}", **pool)

    said = await refused(create, InvalidRequestError)
    assert said.startswith("The asyncio extension requires an async driver")
    return "The asyncio extension requires an async driver"


FACTS = (creator, async_creator, sync_driver)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def main():
    for fact in FACTS:
        seen = set()
        for pool in POOLS.values():
            with tempfile.TemporaryDirectory() as folder:
                path = f"{folder}/facts.db"
                with sqlite3.connect(path) as database:
                    database.execute("CREATE TABLE users (id INTEGER)")
                database.close()
                seen.add(await fact(path, pool))
        assert len(seen) == 1, seen
        name = fact.__name__.replace("_", "-")
        print(f"{name}: {seen.pop()} ({', '.join(POOLS)})")


asyncio.run(main())
