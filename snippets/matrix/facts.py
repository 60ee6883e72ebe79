# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `matrix` says about drivers, each sentence asserted by a run with each pool."""

import asyncio
import os
import tempfile

import sqlalchemy
from sqlalchemy import ForeignKey, String, create_engine, event, func, select, text
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[str] = mapped_column(
        server_default="new", onupdate=func.lower("CHANGED")
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def refused(read):
    """The error that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error
    raise AssertionError("the read was not refused")


def refused_in_another_loop(coroutine):
    """Whether a second `asyncio.run()` fails with the connection that the first one left in the pool."""
    try:
        asyncio.run(coroutine)
    except RuntimeError as error:
        assert "loop" in str(error), error
        return True
    return False


def is_wrapped(driver):
    """Whether this driver's MissingGreenlet comes inside a StatementError once there is a connection."""
    wrapping = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        wrapping += ["aiosqlite", "psycopg"]
    return driver in wrapping


async def wrapped_or_plain(engine, Session):
    """The driver decides: wrapped if the statement has no cursor yet, plain if it has one."""
    cursors = []
    async with Session() as session:
        user = await session.scalar(select(User))
        event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda *_: cursors.append("cursor"),
        )
        error = refused(lambda: user.organization)
    assert isinstance(error, StatementError) == is_wrapped(engine.dialect.driver)
    assert bool(cursors) != isinstance(error, StatementError)
    return "plain, with a cursor" if cursors else "wrapped, without a cursor"


async def plain_with_every_driver(engine, Session):
    """A connection that can't be opened, and an autoflush that fails first, raise it plain."""
    async with Session() as session:
        user = await session.scalar(select(User))
        user.name = "dave"
        assert type(refused(lambda: user.organization)) is MissingGreenlet
    await engine.dispose()
    opened = refused(engine.sync_engine.connect)
    created = refused(lambda: Base.metadata.create_all(engine.sync_engine))
    assert type(opened) is type(created) is MissingGreenlet
    return "MissingGreenlet from autoflush, connect() and create_all()"


async def pool_pre_ping(engine, Session):
    """After a commit, the read is plain with every driver if the pool has to test or open a connection."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        error = refused(lambda: user.name)
    is_default = session.info["pool"] == "default pool"
    is_plain = not (is_default and is_wrapped(engine.dialect.driver))
    assert (type(error) is MissingGreenlet) == is_plain
    return type(error).__name__


async def psycopg_is_sync(engine, Session):
    """`create_engine()` connects with psycopg, and with no other of the drivers."""
    del Session
    sync_engine = create_engine(engine.url)
    if engine.dialect.driver == "psycopg":
        with sync_engine.connect() as connection:
            assert connection.scalar(text("SELECT 42")) == 42
        sync_engine.dispose()
        return "connected"
    assert type(refused(sync_engine.connect)) is MissingGreenlet
    return f"{engine.dialect.driver}: MissingGreenlet"


async def returning(engine, Session):
    """INSERT … RETURNING with every driver, UPDATE … RETURNING not on MariaDB."""
    statements = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )
    async with Session() as session:
        user = User(name="bob", organization_id=1)
        session.add(user)
        await session.flush()
        user.name = "carol"
        await session.flush()
    [inserted] = [one for one in statements if one.startswith("INSERT INTO users")]
    [updated] = [one for one in statements if one.startswith("UPDATE users")]
    assert "RETURNING" in inserted
    assert ("RETURNING" in updated) == (engine.dialect.name != "mysql")
    return "INSERT and UPDATE" if "RETURNING" in updated else "INSERT"


def different_loop(url):
    """A pooled connection fails in a second event loop with asyncpg, asyncmy and aiomysql."""

    async def ping(engine):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    seen = []
    for pool, options in POOLS.items():
        engine = create_async_engine(url, **options)
        asyncio.run(ping(engine))
        is_refused = refused_in_another_loop(ping(engine))
        bound = engine.dialect.driver in ("asyncpg", "asyncmy", "aiomysql")
        assert is_refused == (bound and pool != "NullPool")
        asyncio.run(engine.dispose(close=not is_refused))
        seen.append(f"{pool}: {'refused' if is_refused else 'worked'}")
    return "; ".join(seen)


FACTS = (
    wrapped_or_plain,
    plain_with_every_driver,
    pool_pre_ping,
    psycopg_is_sync,
    returning,
)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Alice of the Library, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()


async def seen_with_each_pool(fact, url):
    """What a fact saw with each pool."""
    seen = []
    for pool, options in POOLS.items():
        engine = create_async_engine(url, **options)
        Session = async_sessionmaker(engine, info={"pool": pool})
        await create_rows(engine, Session)
        seen.append(f"{pool}: {await fact(engine, Session)}")
        await engine.dispose()
    return "; ".join(seen)


def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            seen = asyncio.run(seen_with_each_pool(fact, url))
            print(f"{fact.__name__.replace('_', '-')}: {seen}")
        print(f"different-loop: {different_loop(url)}")


main()
