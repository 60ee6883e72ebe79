# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `sync-with-statement` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import sys
import traceback
from contextlib import asynccontextmanager

from sqlalchemy import String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


hints = []


def refused(manager):
    """The message of the `TypeError` that `with manager:` raises, without a frame of SQLAlchemy."""
    try:
        with manager:
            raise AssertionError("the block was entered")
    except TypeError as error:
        return message_of(error)


async def async_refused(manager):
    """The same for `async with manager:`."""
    try:
        async with manager:
            raise AssertionError("the block was entered")
    except TypeError as error:
        return message_of(error)


def message_of(error):
    """Its message without what Python 3.14 adds in brackets and after them."""
    files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
    assert files == {__file__}
    message, _, added = str(error).partition(" (missed __")
    assert bool(added) == (sys.version_info >= (3, 14)), error
    hints.append(added)
    return message


async def names_the_object(engine):
    """The message names the object: which call it comes from."""
    async with AsyncSession(engine) as session:
        calls = {
            "engine.connect()": (engine.connect(), "AsyncConnection"),
            "engine.begin()": (engine.begin(), "_AsyncGeneratorContextManager"),
            "session.begin()": (session.begin(), "AsyncSessionTransaction"),
            "session.begin_nested()": (
                session.begin_nested(),
                "AsyncSessionTransaction",
            ),
        }
        for manager, name in calls.values():
            expected = f"'{name}' object does not support the context manager protocol"
            assert refused(manager) == expected
    return ", ".join(f"{call}: {name}" for call, (_, name) in calls.items())


async def hint(engine):
    """Python 3.14 adds a hint that ends with `Did you mean to use 'async with'?`."""
    refused(AsyncSession(engine))
    is_there = hints[-1].endswith("Did you mean to use 'async with'?")
    assert is_there == (sys.version_info >= (3, 14))
    return "a hint on Python 3.14 and later, none before"


async def before_any_work(engine):
    """The error comes before the session has opened a connection."""
    opened = []
    event.listen(
        engine.sync_engine, "engine_connect", lambda *args: opened.append(args)
    )
    refused(AsyncSession(engine))
    assert opened == []
    return "0 connections opened"


async def the_reverse(_engine):
    """`async with` on a sync `Session` says `asynchronous context manager protocol`."""
    message = await async_refused(Session())
    expected = (
        "'Session' object does not support the asynchronous context manager protocol"
    )
    assert message == expected
    return expected


async def generator(engine):
    """A function with `yield session` returns an `async_generator`; `@asynccontextmanager` makes it work."""

    async def get_session():
        async with AsyncSession(engine) as session:
            yield session

    expected = "'async_generator' object does not support the context manager protocol"
    assert refused(get_session()) == expected
    async with asynccontextmanager(get_session)() as session:
        assert await session.scalar(select(User.name)) == "alice"
    return f"{expected}; with @asynccontextmanager, async with works"


async def no_autoflush(engine):
    """`session.no_autoflush` takes a plain `with` on an `AsyncSession`."""
    async with AsyncSession(engine) as session:
        session.add(User(name="bob"))
        query = select(User.name).order_by(User.id)
        with session.no_autoflush:
            inside = (await session.scalars(query)).all()
        after = (await session.scalars(query)).all()
    assert inside == ["alice"] and after == ["alice", "bob"]
    return "alice inside the block; alice, bob after it"


FACTS = (names_the_object, hint, before_any_work, the_reverse, generator, no_autoflush)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(User(name="alice"))
            await session.commit()
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()


asyncio.run(main())
