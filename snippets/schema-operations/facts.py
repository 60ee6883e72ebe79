# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `schema-operations` says beyond its examples, each sentence asserted by a run."""

import asyncio
import logging
import os
import traceback
from logging.handlers import BufferingHandler

from sqlalchemy import MetaData, String, create_engine, inspect
from sqlalchemy.exc import (
    MissingGreenlet,
    NoInspectionAvailable,
    StatementError,
)
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


create_all = Base.metadata.create_all


def refused(call, inner=MissingGreenlet):
    """The error that `call()` raises, with the class inside it, and the files and functions in its traceback."""
    try:
        call()
    except (inner, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, inner), error
        frames = traceback.extract_tb(error.__traceback__)
        files = {os.path.basename(frame.filename) for frame in frames}
        return error, files | {frame.name for frame in frames}
    raise AssertionError("the call was not refused")


async def frames(engine):
    """The traceback contains `create_all`, or `sqlalchemy/engine/reflection.py`."""
    _, of_create_all = refused(lambda: create_all(engine.sync_engine))
    assert "create_all" in of_create_all
    await engine.dispose()
    _, of_inspect = refused(lambda: inspect(engine.sync_engine))
    assert "reflection.py" in of_inspect
    return "create_all; reflection.py"


async def with_create_engine(engine):
    """An engine of `create_engine()` leaves the same frames; psycopg's is a sync one and works."""
    sync_engine = create_engine(engine.url)
    if sync_engine.driver == "psycopg":
        create_all(sync_engine)
        assert inspect(sync_engine).has_table("users")
        sync_engine.dispose()
        return "psycopg created the table without a greenlet"
    _, of_create_all = refused(lambda: create_all(sync_engine))
    _, of_inspect = refused(lambda: inspect(sync_engine))
    assert "create_all" in of_create_all and "reflection.py" in of_inspect
    return "create_all; reflection.py"


async def open_connection(engine):
    """If the pool has an open connection, `inspect()` returns, and logs an error except with asyncpg."""
    async with engine.connect():
        pass
    log = BufferingHandler(capacity=100)
    logging.getLogger("sqlalchemy.pool").addHandler(log)
    inspector = inspect(engine.sync_engine)
    logging.getLogger("sqlalchemy.pool").removeHandler(log)
    assert bool(log.buffer) == (engine.driver != "asyncpg")
    for record in log.buffer[:1]:
        assert record.getMessage() == "Exception during reset or similar"
        assert record.exc_info[0] is MissingGreenlet
    refused(lambda: inspector.has_table("users"))
    logged = "logged its error" if log.buffer else "logged no error"
    return f"inspect() returned and {logged}, then has_table() was refused"


async def sync_connection(engine):
    """`create_all(connection.sync_connection)` is refused."""
    async with engine.connect() as connection:
        refused(lambda: create_all(connection.sync_connection))
    return "refused"


async def async_engine(engine):
    """The async engine itself: `AttributeError` from `create_all()`, `NoInspectionAvailable` from `inspect()`."""
    refused(lambda: create_all(engine), AttributeError)
    refused(lambda: inspect(engine), NoInspectionAvailable)
    return "create_all(): AttributeError; inspect(): NoInspectionAvailable"


async def inspector_outside(engine):
    """An inspector that `run_sync` returned is refused outside of it."""
    async with engine.connect() as connection:
        inspector = await connection.run_sync(inspect)
        refused(lambda: inspector.has_table("users"))
        assert not await connection.run_sync(lambda _: inspector.has_table("users"))
    return "has_table() was refused outside, and worked inside run_sync()"


async def reflect(engine):
    """`run_sync(metadata.reflect)` and `run_sync(Base.prepare)` of an automap base work."""
    metadata, automap = MetaData(), automap_base()
    async with engine.begin() as connection:
        await connection.run_sync(create_all)
        await connection.run_sync(metadata.reflect)
        await connection.run_sync(automap.prepare)
    assert "users" in metadata.tables and "users" in automap.classes
    return "metadata.reflect and automap's prepare found users"


FACTS = (
    frames,
    with_create_engine,
    open_connection,
    sync_connection,
    async_engine,
    inspector_outside,
    reflect,
)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()


asyncio.run(main())
