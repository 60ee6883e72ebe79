# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `except-missing-greenlet` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile

import sqlalchemy
from sqlalchemy import ForeignKey, String, event, inspect, select
from sqlalchemy.exc import (
    IntegrityError,
    MissingGreenlet,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def refused(read):
    """The error that `read()` raises for want of a greenlet."""
    try:
        read()
    except SQLAlchemyError as error:
        assert type(getattr(error, "orig", None) or error) is MissingGreenlet, error
        return error
    raise AssertionError("the read was not refused")


async def refused_async(call, expected):
    """The error that awaiting `call()` raises, whose class is `expected`."""
    try:
        await call()
    except SQLAlchemyError as error:
        assert type(error) is expected, error
        return error
    raise AssertionError("the call was not refused")


def expected_class(session, sends_at_cursor=True):
    """What a read for want of a greenlet raises; with some drivers, creating the cursor is what fails first."""
    wrapping = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        wrapping += ["aiosqlite", "psycopg"]
    wraps = session.bind.dialect.driver in wrapping and sends_at_cursor
    return StatementError if wraps else MissingGreenlet


async def lazy_read(Session, _):
    """A lazy read raises StatementError with aiosqlite and psycopg on 2.1, with asyncmy and aiomysql on both."""
    async with Session() as session:
        user = await session.scalar(select(User))
        error = refused(lambda: user.organization)
        assert type(error) is expected_class(session), error
    return type(error).__name__


async def after_commit(Session, pool):
    """A read after a commit raises the plain class with NullPool and `pool_pre_ping=True`."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        error = refused(lambda: user.name)
        assert type(error) is expected_class(session, pool == "default pool"), error
    return type(error).__name__


async def statement_error(Session):
    """`except StatementError` misses the plain class, and catches every IntegrityError."""
    assert not issubclass(MissingGreenlet, StatementError)
    assert not issubclass(StatementError, MissingGreenlet)
    async with Session() as session:
        session.add(Organization(name="Library"))
        error = await refused_async(session.flush, IntegrityError)
        assert isinstance(error, StatementError)
        assert not isinstance(error.orig, MissingGreenlet)
    return "MissingGreenlet is no StatementError, IntegrityError is one"


async def unloaded(Session):
    """`inspect(user).unloaded` names what is not loaded, expired attributes included, and sends nothing."""
    sent = []
    async with Session() as session:
        user = await session.scalar(select(User))
        engine = session.bind.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *_: sent.append(1))
        assert inspect(user).unloaded == {"organization"}
        await session.commit()
        assert inspect(user).unloaded == {
            "id",
            "name",
            "organization_id",
            "organization",
        }
    assert sent == []
    return "organization; after a commit all four attributes; statements: 0"


async def still_unloaded(Session):
    """Catching the error leaves the attribute as unloaded as it was."""
    async with Session() as session:
        user = await session.scalar(select(User))
        refused(lambda: user.organization)
        assert "organization" in inspect(user).unloaded
        refused(lambda: user.organization)
    return "refused again"


FACTS = (statement_error, unloaded, still_unloaded)
# The class of an error depends on the pool.
FACTS_WITH_EACH_POOL = (lazy_read, after_commit)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """A user in an organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                Session = async_sessionmaker(engine)
                await create_rows(engine, Session)
                seen.append(f"{pool}: {await fact(Session, pool)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
