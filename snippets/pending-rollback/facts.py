# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `pending-rollback` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback

from sqlalchemy import String, event, func, insert, select
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    MissingGreenlet,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


COUNT = select(func.count(User.id))


def inner_frames(error, expected):
    """The functions in the traceback of an error that has to be `expected`, or to have it as its `orig`."""
    inner = getattr(error, "orig", None)
    assert isinstance(error, expected) or isinstance(inner, expected), error
    return {frame.name for frame in traceback.extract_tb(error.__traceback__)}


def refused(read, expected):
    """The error that `read()` raises, which has to be `expected`, and the functions in its traceback."""
    try:
        read()
    except SQLAlchemyError as error:
        return error, inner_frames(error, expected)
    raise AssertionError("the read was not refused")


async def refused_async(call, expected):
    """The same for a call to await."""
    try:
        await call()
    except SQLAlchemyError as error:
        return error, inner_frames(error, expected)
    raise AssertionError("the call was not refused")


async def quotes_first(Session):
    """The message quotes the first error with its SQL and parameters, not the statement that fails now."""
    async with Session() as session:
        session.add(User(name="alice"))
        first, _ = await refused_async(session.commit, IntegrityError)
        session.add(User(name="carol"))
        error, _ = await refused_async(session.commit, PendingRollbackError)
    assert error.code == "7s2a" and str(first) in str(error)
    assert "INSERT INTO users" in str(first) and "alice" in str(first)
    assert "carol" not in str(error)
    return "7s2a quotes the INSERT of alice while carol is being added"


async def read(Session):
    """A read has `_load_expired` in its traceback here, and MissingGreenlet after `rollback()` too."""
    async with Session() as session:
        user = await session.scalar(select(User).where(User.name == "alice"))
        user.name = "bob"
        await refused_async(session.commit, IntegrityError)
        _, before = refused(lambda: user.id, PendingRollbackError)
        await session.rollback()
        _, after = refused(lambda: user.id, MissingGreenlet)
    assert "_load_expired" in before and "_load_expired" in after
    return (
        "_load_expired in PendingRollbackError, and after rollback() in MissingGreenlet"
    )


async def failed_flush(Session):
    """A failed flush, whether by `flush()`, `commit()` or autoflush."""

    def count():
        return session.scalar(COUNT)

    for flushes in (
        lambda: session.flush(),
        lambda: session.commit(),
        count,
    ):
        async with Session() as session:
            session.add(User(name="alice"))
            await refused_async(flushes, IntegrityError)
            await refused_async(count, PendingRollbackError)
    return "PendingRollbackError after flush(), commit() and autoflush"


async def failed_insert(Session):
    """After a failed `session.execute(insert(…))`, the session goes on; PostgreSQL raises an error of its own."""
    async with Session() as session:
        duplicate = insert(User).values(name="alice")
        await refused_async(lambda: session.execute(duplicate), IntegrityError)
        if session.bind.dialect.name == "postgresql":
            error, _ = await refused_async(lambda: session.scalar(COUNT), DBAPIError)
            assert "current transaction is aborted" in str(error)
            return "current transaction is aborted"
        assert await session.scalar(COUNT) == 2
    return "the next query returned 2 users"


async def lost_connection(Session):
    """A lost connection is the same class with the code `8s2b`."""
    async with Session() as session:
        connection = await session.connection()
        await connection.invalidate()
        error, _ = await refused_async(
            lambda: session.scalar(COUNT), PendingRollbackError
        )
    assert error.code == "8s2b" and str(error).startswith("Can't reconnect until")
    return f"{type(error).__name__}, {error.code}"


async def one_rollback(Session):
    """The failed flush has sent the ROLLBACK, with all users since the last commit; `rollback()` sends no other."""
    sent = []
    async with Session() as session:
        event.listen(
            session.bind.sync_engine, "rollback", lambda *_: sent.append("ROLLBACK")
        )
        session.add(User(name="carol"))
        await session.flush()
        session.add(User(name="alice"))
        await refused_async(session.flush, IntegrityError)
        assert len(sent) == 1
        await session.rollback()
        assert len(sent) == 1
        names = (await session.scalars(select(User.name).order_by(User.id))).all()
    assert names == ["alice", "bob"]
    return f"1 ROLLBACK, before and after rollback(); in the table: {', '.join(names)}, not carol"


FACTS = (
    quotes_first,
    read,
    failed_flush,
    failed_insert,
    lost_connection,
    one_rollback,
)


async def create_rows(engine, Session):
    """Two users in an empty table."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add_all([User(name="alice"), User(name="bob")])
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
