# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `onupdate-column` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import time
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy
from sqlalchemy import (
    Computed,
    DateTime,
    FetchedValue,
    String,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


def utc_now():
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )


class EagerUser(Base):
    __tablename__ = "eager_users"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    slug: Mapped[str] = mapped_column(Computed("lower(title)"))
    version: Mapped[int] = mapped_column(
        server_default=text("1"), server_onupdate=FetchedValue()
    )


class EagerPost(Base):
    __tablename__ = "eager_posts"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    slug: Mapped[str] = mapped_column(Computed("lower(title)"))
    version: Mapped[int] = mapped_column(
        server_default=text("1"), server_onupdate=FetchedValue()
    )


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    two_clocks: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=datetime.now
    )
    one_clock: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=utc_now, onupdate=utc_now
    )


def refused(read):
    """The error that `read()` raises for want of a greenlet, and the functions in its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the read was not refused")


def includes_sql(session, pool):
    """Whether an error for want of a greenlet includes its SQL."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return pool == "default pool" and driver in from_cursor


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def created(session, user):
    session.add(user)
    await session.commit()
    return user


async def created_then_changed(Session):
    """The INSERT brings the value, the UPDATE doesn't, although its row is saved."""
    async with Session() as session:
        user = await created(session, User(name="alice"))
        assert isinstance(user.updated_at, datetime)
        user.name = "bob"
        await session.commit()
        refused(lambda: user.updated_at)
    async with Session() as session:
        assert await session.scalar(select(User.name)) == "bob"
    return "read after the INSERT; refused after the UPDATE, which had saved bob"


async def only_this_attribute(Session):
    """Only the column with `onupdate` has expired."""
    async with Session() as session:
        user = await created(session, User(name="alice"))
        user.name = "bob"
        await session.commit()
        assert inspect(user).expired_attributes == {"updated_at"}
        assert (user.id, user.name) == (1, "bob")
        refused(lambda: user.updated_at)
    return "id and name were read, updated_at was refused"


async def frames(Session):
    """`_load_expired` is in the traceback, `_emit_lazyload` isn't."""
    async with Session() as session:
        user = await created(session, User(name="alice"))
        user.name = "bob"
        await session.commit()
        _, names = refused(lambda: user.updated_at)
    assert "_load_expired" in names and "_emit_lazyload" not in names
    return "_load_expired"


async def other_computed_columns(Session):
    """`Computed` and `server_onupdate=FetchedValue()` expire with an UPDATE too; `eager_defaults=True` loads both."""
    async with Session() as session:
        post = await created(session, Post(title="Hello"))
        assert (post.slug, post.version) == ("hello", 1)
        post.title = "World"
        await session.commit()
        refused(lambda: post.slug)
        refused(lambda: post.version)
        eager = await created(session, EagerPost(title="Hello"))
        eager.title = "World"
        await session.commit()
        assert (eager.slug, eager.version) == ("world", 1)
    return "both were read after the INSERT and refused after the UPDATE; read with eager_defaults"


async def eager_cost(Session):
    """With `eager_defaults=True`, an UPDATE costs no SELECT more if the database has UPDATE … RETURNING, or else one."""
    async with Session() as session:
        user = await created(session, EagerUser(name="alice"))
        user.name = "bob"
        with statements(session) as sent:
            await session.commit()
        assert isinstance(user.updated_at, datetime)
        has_returning = session.bind.dialect.name in ("sqlite", "postgresql")
    assert sent == (["UPDATE"] if has_returning else ["UPDATE", "SELECT"])
    return ", ".join(sent)


async def clocks(Session):
    """In Tokyo, `datetime.now` beside `func.now()` jumps by nine hours in a database in UTC; `datetime.now(UTC)` for both doesn't."""
    in_utc = {
        "postgresql": "SET TIME ZONE 'UTC'",
        "mysql": "SET time_zone = '+00:00'",
        "sqlite": "SELECT 'UTC'",
    }
    os.environ["TZ"] = "JST-9"
    time.tzset()
    async with Session() as session:
        await session.execute(text(in_utc[session.bind.dialect.name]))
        organization = await created(session, Organization(name="Library"))
        await session.refresh(organization)
        two, one = organization.two_clocks, organization.one_clock
        organization.name = "Museum"
        await session.commit()
        await session.refresh(organization)
        jumps = [organization.two_clocks - two, organization.one_clock - one]
    del os.environ["TZ"]
    time.tzset()
    hours = [round(jump.total_seconds() / 3600) for jump in jumps]
    assert hours == [9, 0]
    return f"two clocks: {hours[0]} hours; one clock: {hours[1]} hours"


async def aware_time(Session):
    """asyncpg refuses an aware time for a column without `timezone=True`; the others don't."""
    async with Session() as session:
        session.add(User(name="alice", updated_at=utc_now()))
        [outcome] = await asyncio.gather(session.commit(), return_exceptions=True)
        driver = session.bind.dialect.driver
    assert isinstance(outcome, DBAPIError) == (driver == "asyncpg"), outcome
    async with Session() as session:
        organization = await created(session, Organization(name="Library"))
        await session.refresh(organization)
        comes_back = "without" if organization.one_clock.tzinfo is None else "with"
        is_postgresql = session.bind.dialect.name == "postgresql"
    assert comes_back == ("with" if is_postgresql else "without")
    accepted = "refused" if driver == "asyncpg" else "accepted"
    return f"{accepted} without timezone=True; comes back {comes_back} a time zone"


async def statement(Session, pool):
    """If the error includes its SQL, the SELECT is for the one column."""
    async with Session() as session:
        user = await created(session, User(name="alice"))
        user.name = "bob"
        await session.commit()
        error, _ = refused(lambda: user.updated_at)
        assert isinstance(error, StatementError) == includes_sql(session, pool)
    if not isinstance(error, StatementError):
        return "no SQL"
    columns = error.statement.split("FROM")[0]
    assert "users.updated_at" in columns
    assert "users.id" not in columns and "users.name" not in columns
    return "SELECT users.updated_at"


FACTS = (
    created_then_changed,
    only_this_attribute,
    frames,
    other_computed_columns,
    eager_cost,
    clocks,
    aware_time,
)
# The class of an error, and whether it includes its SQL, depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_tables(engine):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    for fact in FACTS:
        await create_tables(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                Session = async_sessionmaker(engine, expire_on_commit=False)
                await create_tables(engine)
                seen.append(f"{pool}: {await fact(Session, pool)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
