# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `create-all-async-engine` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile

from sqlalchemy import String, event, inspect
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


async def refused(call, expected):
    """The error whose innermost class is the expected one, which awaiting `call()` raises."""
    try:
        await call()
    except (expected, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, expected), error
        return error
    raise AssertionError("the call was not refused")


def lacks(name):
    return f"'{name}' object has no attribute '_run_ddl_visitor'"


async def table_exists(engine):
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: inspect(sync).has_table("users"))


async def message(engine):
    """The message names what was passed, to `create_all()`, to `drop_all()` or to `Table.create()`."""
    named = {}
    async with engine.connect() as connection, AsyncSession(engine) as session:
        for passed in (engine, connection, session):
            for function in (
                Base.metadata.create_all,
                Base.metadata.drop_all,
                User.__table__.create,
            ):

                async def call(function=function, passed=passed):
                    function(passed)

                error = await refused(call, AttributeError)
                named[type(passed).__name__] = str(error)

        async def run_sync():
            await session.run_sync(Base.metadata.create_all)

        named["Session"] = str(await refused(run_sync, AttributeError))
    assert named == {name: lacks(name) for name in named}
    return ", ".join(named)


async def called_too_early(engine):
    """`run_sync(create_all(engine))` calls `create_all()` first, and so raises the same error."""

    async def call():
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all(engine))

    error = await refused(call, AttributeError)
    assert str(error) == lacks("AsyncEngine")
    return str(error)


async def no_commit(engine):
    """On PostgreSQL, tables that were created in `engine.connect()` are gone without a `commit()`; `begin()` commits."""
    async with engine.connect() as connection:
        await connection.run_sync(Base.metadata.create_all)
    without_commit = await table_exists(engine)
    assert without_commit == (engine.driver not in ("asyncpg", "psycopg"))
    for block in (engine.connect, engine.begin):
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        async with block() as connection:
            await connection.run_sync(Base.metadata.create_all)
            if block == engine.connect:
                await connection.commit()
        assert await table_exists(engine)
    state = "there" if without_commit else "gone"
    return f"{engine.driver}: {state} without commit(), there with commit() or begin()"


async def same_statements(engine):
    """The connection of a session sends the same statements."""
    sent = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _, __, statement, *___: sent.append(statement),
    )
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    expected = sent.copy()
    assert any("CREATE TABLE users" in statement for statement in expected)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    sent.clear()
    async with AsyncSession(engine) as session:
        connection = await session.connection()
        await connection.run_sync(Base.metadata.create_all)
        await session.commit()
    assert sent == expected
    return "the same statements from a session's connection"


async def sync_engine(engine):
    """`create_all(engine.sync_engine)` raises MissingGreenlet."""

    async def call():
        Base.metadata.create_all(engine.sync_engine)

    await refused(call, MissingGreenlet)
    return "MissingGreenlet"


FACTS = (message, called_too_early, no_commit, same_statements)
# The class of an error may depend on the pool.
FACTS_WITH_EACH_POOL = (sync_engine,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                seen.append(f"{pool}: {await fact(engine)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
