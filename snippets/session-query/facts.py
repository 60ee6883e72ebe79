# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `session-query` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from pathlib import Path

import sqlalchemy
from sqlalchemy import String, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


async def refused(call, expected):
    """The error that awaiting `call()` raises, whose inner class is `expected`, and the files in its traceback."""
    try:
        await call()
    except (AttributeError, MissingGreenlet, StatementError) as error:
        assert type(getattr(error, "orig", error)) is expected, error
        return error, [
            Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)
        ]
    raise AssertionError("the call was not refused")


async def no_frame_of_sqlalchemy(Session):
    """The error is an `AttributeError` of `'AsyncSession' object`, with no frame of SQLAlchemy in its traceback."""
    package = Path(sqlalchemy.__file__).parent
    async with Session() as session:

        async def find():
            return session.query(User).all()

        error, files = await refused(find, AttributeError)
    assert str(error) == "'AsyncSession' object has no attribute 'query'"
    assert not any(file.is_relative_to(package) for file in files)
    return f"{type(error).__name__}: {error}; frames of SQLAlchemy: 0"


async def await_does_not_help(Session):
    """`await session.query(User)` raises the same error."""
    async with Session() as session:

        async def find():
            return await session.query(User)

        error, _ = await refused(find, AttributeError)
    assert str(error) == "'AsyncSession' object has no attribute 'query'"
    return str(error)


async def sync_session(Session):
    """`session.sync_session.query(User).all()` gets past this error and raises MissingGreenlet."""
    async with Session() as session:

        async def find():
            return session.sync_session.query(User).all()

        await refused(find, MissingGreenlet)
    return "MissingGreenlet instead of AttributeError"


async def bulk_methods(Session):
    """`AsyncSession` lacks the three bulk methods too, and `run_sync()` can call them."""
    names = ("bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings")
    assert not any(hasattr(AsyncSession, name) for name in names)
    async with Session() as session:

        def save(session):
            session.bulk_save_objects([User(id=3, name="carol")])
            session.bulk_insert_mappings(User, [{"id": 4, "name": "dave"}])
            session.bulk_update_mappings(User, [{"id": 1, "name": "alicia"}])

        await session.run_sync(save)
        await session.commit()
        found = (await session.scalars(select(User.name).order_by(User.id))).all()
    assert found == ["alicia", "bob", "carol", "dave"]
    return f"none of the three is an attribute; with run_sync() they left {', '.join(found)}"


class Library:
    """Like a library that was written for `Session`."""

    def __init__(self, session):
        self.session = session

    def names(self):
        return [user.name for user in self.session.query(User).order_by(User.id)]


async def library(Session):
    """A library that calls `query()` needs the synchronous session: `run_sync()` has one."""
    async with Session() as session:

        async def find():
            return Library(session).names()

        await refused(find, AttributeError)
        names = await session.run_sync(lambda session: Library(session).names())
    assert names == ["alice", "bob"]
    return f"the AsyncSession: AttributeError; in run_sync(): {', '.join(names)}"


FACTS = (
    no_frame_of_sqlalchemy,
    await_does_not_help,
    sync_session,
    bulk_methods,
    library,
)


async def create_rows(engine, Session):
    """Two users in an empty table."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add_all([User(id=1, name="alice"), User(id=2, name="bob")])
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
