# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `sync-engine-async-driver` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

from sqlalchemy import ForeignKey, String, create_engine, select, text
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def refused(call):
    """The error that `call()` raises for want of a greenlet, and the frames of its traceback."""
    try:
        call()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, traceback.extract_tb(error.__traceback__)
    raise AssertionError("the call was not refused")


def functions(frames):
    return [frame.name for frame in frames]


def with_sync_psycopg(engine):
    """psycopg is a sync driver as well, so that `create_engine()` gets its sync version."""
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 42")) == 42
    engine.dispose()
    return "psycopg answered without a greenlet"


def first_query(url):
    """`create_engine()` returns, and the first connection is refused; with psycopg it works."""
    engine = create_engine(url)
    if engine.driver == "psycopg":
        return with_sync_psycopg(engine)
    refused(engine.connect)
    return "create_engine() returned, the first connection was refused"


def frames(url):
    """The traceback contains `raw_connection`, but not `sqlalchemy/orm/attributes.py`."""
    engine = create_engine(url)
    if engine.driver == "psycopg":
        return with_sync_psycopg(engine)
    for query in (engine.connect, lambda: Session(engine).scalar(select(User))):
        _, found = refused(query)
        assert "raw_connection" in functions(found)
        assert not [frame for frame in found if "attributes.py" in frame.filename]
    return "raw_connection, and no attributes.py"


def plain(url):
    """It is plain `MissingGreenlet`, on 2.1 as well and with each pool."""
    for options in ({}, {"poolclass": NullPool}, {"pool_pre_ping": True}):
        engine = create_engine(url, **options)
        if engine.driver == "psycopg":
            return with_sync_psycopg(engine)
        error, _ = refused(engine.connect)
        assert type(error) is MissingGreenlet
    return "MissingGreenlet with the default pool, NullPool and pool_pre_ping"


async def attribute(url):
    """If an attribute is read, `_load_expired` or `_emit_lazyload` is above `raw_connection`."""
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        engine = create_async_engine(url, poolclass=NullPool)
        new_session = async_sessionmaker(engine)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with new_session() as session:
            session.add(User(organization=Organization(name="Library")))
            await session.commit()
        async with new_session() as session:
            user = await session.scalar(select(User))
            await session.commit()
            _, of_column = refused(lambda: user.id)
        async with new_session(expire_on_commit=False) as session:
            user = await session.scalar(select(User))
            await session.commit()
            _, of_relationship = refused(lambda: user.organization)
        await engine.dispose()
    expired, lazy = functions(of_column), functions(of_relationship)
    assert expired.index("_load_expired") < expired.index("raw_connection")
    assert lazy.index("_emit_lazyload") < lazy.index("raw_connection")
    return "_load_expired or _emit_lazyload, then raw_connection"


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in (first_query, frames, plain):
        print(f"{fact.__name__.replace('_', '-')}: {fact(url)}")
    print(f"attribute: {await attribute(url)}")


asyncio.run(main())
