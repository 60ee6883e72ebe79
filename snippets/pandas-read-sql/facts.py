# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pandas>=3.1,<4",
# ]
# ///
"""What the page `pandas-read-sql` says beyond its examples, each sentence asserted by a run."""

import asyncio
import gc
import os
import tempfile
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import sqlalchemy
from pandas.errors import DatabaseError
from sqlalchemy import String, event, select, text
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


QUERY = select(User.name).order_by(User.id)
STRING = "SELECT name FROM users ORDER BY id"


def refused(read, *, error=MissingGreenlet):
    """The error of exactly this class that `read()` raises, and whether it went through pandas/io/sql.py."""
    try:
        read()
    except (MissingGreenlet, DatabaseError, AttributeError, TypeError) as raised:
        assert type(raised) is error, raised
        frames = traceback.extract_tb(raised.__traceback__)
        files = ["/".join(Path(frame.filename).parts[-3:]) for frame in frames]
        return raised, "pandas/io/sql.py" in files
    raise AssertionError("the read was not refused")


@contextmanager
def counted(engine, when="after_cursor_execute"):
    """The statements that the database has run meanwhile, or that were about to be sent."""
    sent = []

    def count(*execution):
        sent.append(execution[2])

    event.listen(engine.sync_engine, when, count)
    yield sent
    event.remove(engine.sync_engine, when, count)


def add(connection, frame):
    """What a reader passes to `run_sync()`."""
    frame.to_sql("users", connection, if_exists="append", index=False)


async def through_pandas(engine):
    """`pandas/io/sql.py` is in the traceback; a table's name and `to_sql()` are refused too."""
    frame = pd.DataFrame({"name": ["carol"]})
    for read in (
        lambda: pd.read_sql(QUERY, engine.sync_engine),
        lambda: pd.read_sql("users", engine.sync_engine),
        lambda: frame.to_sql("users", engine.sync_engine, if_exists="append"),
    ):
        await engine.dispose()
        _, is_in_pandas = refused(read)
        assert is_in_pandas
    return "read_sql(), read_sql('users') and to_sql() were refused in pandas/io/sql.py"


async def url(engine):
    """The URL of the engine in its place is refused too, except with psycopg, which can be synchronous."""
    address = engine.url.render_as_string(hide_password=False)
    if engine.dialect.driver == "psycopg":
        assert pd.read_sql(QUERY, address)["name"].tolist() == ["alice", "bob"]
        return "psycopg is not refused"
    error, is_in_pandas = refused(lambda: pd.read_sql(QUERY, address))
    assert is_in_pandas
    return type(error).__name__


async def async_objects(engine):
    """pandas warns of an async engine, connection or session; a string then raises AttributeError, a select TypeError."""
    async with engine.connect() as connection, AsyncSession(engine) as session:
        for given in (engine, connection, session):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                error, _ = refused(
                    lambda given=given: pd.read_sql(STRING, given), error=AttributeError
                )
                name = type(given).__name__
                assert str(error) == f"'{name}' object has no attribute 'cursor'"
                error, _ = refused(
                    lambda given=given: pd.read_sql(QUERY, given), error=TypeError
                )
            assert str(error) == "Query must be a string unless using sqlalchemy."
            text = [str(warning.message) for warning in caught]
            assert len(text) == 2 and "only supports SQLAlchemy connectable" in text[0]
    return (
        "AsyncEngine, AsyncConnection, AsyncSession: warning, AttributeError, TypeError"
    )


async def one_select(engine):
    """In `run_sync`, a `select()` or `text()` is the one statement that runs; so it is with a session."""
    async with engine.connect() as connection, AsyncSession(engine) as session:
        with counted(engine) as sent:
            await connection.run_sync(lambda c: pd.read_sql(QUERY, c))
            await connection.run_sync(lambda c: pd.read_sql(text(STRING), c))
            frame = await session.run_sync(lambda s: pd.read_sql(QUERY, s.connection()))
    assert len(sent) == 3
    assert frame["name"].tolist() == ["alice", "bob"]
    return "1 each"


async def to_sql(engine):
    """`to_sql()` doesn't take async objects. In `run_sync`, it saves the rows: by itself if no transaction is open, otherwise with its commit."""
    frame = pd.DataFrame({"id": [3], "name": ["carol"]})
    saved = []

    async def count():
        async with AsyncSession(engine) as session:
            saved.append((await session.scalars(QUERY)).all().count("carol"))

    async with AsyncSession(engine) as session:
        for given in (engine, session):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                refused(lambda given=given: add(given, frame), error=AttributeError)
    async with engine.begin() as connection:
        await connection.run_sync(add, frame)
    await count()
    frame["id"] += 1
    async with engine.connect() as connection:
        await connection.run_sync(add, frame)
    await count()
    for commits in (False, True):
        frame["id"] += 1
        async with AsyncSession(engine) as session:
            await session.scalars(QUERY)
            await session.run_sync(lambda s: add(s.connection(), frame))
            if commits:
                await session.commit()
        await count()
    assert saved == [1, 2, 2, 3]
    return (
        "begin(): saved; connect(): saved; session: lost; session and commit(): saved"
    )


async def string(engine):
    """For a plain string `read_sql()` first looks for a table of that name; `read_sql_query()` doesn't."""
    seen = []
    async with engine.connect() as connection:
        for read in (pd.read_sql, pd.read_sql_query):
            with counted(engine, "before_cursor_execute") as sent:
                await connection.run_sync(lambda c, read=read: read(STRING, c))
            seen.append(len(sent) - 1)
    more = {"sqlite": 2, "postgresql": 1, "mysql": 1}[engine.dialect.name]
    assert seen == [more, 0]
    return (
        f"{engine.dialect.name}: read_sql() {seen[0]} more, read_sql_query() {seen[1]}"
    )


async def open_connection(engine, pool):
    """If the pool holds an open connection, pandas wraps what the driver refuses, with the default pool."""
    driver = engine.dialect.driver
    wrapped = ["asyncpg", "asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        wrapped += ["aiosqlite", "psycopg"]
    if pool != "default pool" or driver not in wrapped:
        refused(lambda: pd.read_sql(QUERY, engine.sync_engine))
        return "MissingGreenlet"
    error, _ = refused(
        lambda: pd.read_sql(QUERY, engine.sync_engine), error=DatabaseError
    )
    assert str(error).startswith("Execution failed on sql")
    assert "greenlet_spawn has not been called" in str(error)
    return "DatabaseError"


FACTS = (through_pandas, url, async_objects, one_select, to_sql, string)
# What pandas wraps depends on whether the pool has a connection to hand out.
FACTS_WITH_EACH_POOL = (open_connection,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine):
    """Two users, in an empty table; the pool holds the connection that this took."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([User(id=1, name="alice"), User(id=2, name="bob")])
        await session.commit()


async def main():
    address = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if address == "sqlite+aiosqlite://":
            address += f"/{folder}/facts.db"
        for fact in FACTS:
            engine = create_async_engine(address)
            await create_rows(engine)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
            await engine.dispose()
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(address, **options)
                await create_rows(engine)
                seen.append(f"{pool}: {await fact(engine, pool)}")
                # The thread of a connection that was given up ends when it is collected.
                gc.collect()
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
