# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `server-default` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy
from sqlalchemy import (
    String,
    event,
    func,
    inspect,
)
from sqlalchemy.exc import (
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    __table_args__ = {"implicit_returning": False}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class EagerUser(Base):
    __tablename__ = "eager_users"
    __table_args__ = {"implicit_returning": False}
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


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


async def with_returning(Session):
    """Without `implicit_returning=False`, the INSERT brings the value on SQLite, PostgreSQL and MariaDB."""
    async with Session() as session:
        post = Post(title="Hello")
        session.add(post)
        with statements(session) as sent:
            await session.commit()
        assert isinstance(post.created_at, datetime)
        user = await created(session, User(name="alice"))
        refused(lambda: user.created_at)
    assert sent == ["INSERT"]
    return "read after one INSERT; refused with implicit_returning=False"


async def only_this_attribute(Session):
    """Only the column with a server default has expired."""
    async with Session() as session:
        user = await created(session, User(name="alice"))
        assert inspect(user).expired_attributes == {"created_at"}
        assert (user.id, user.name) == (1, "alice")
        refused(lambda: user.created_at)
    return "id and name were read, created_at was refused"


async def frames(Session):
    """`_load_expired` is in the traceback, `_emit_lazyload` isn't."""
    async with Session() as session:
        user = await created(session, User(name="alice"))
        _, names = refused(lambda: user.created_at)
    assert "_load_expired" in names and "_emit_lazyload" not in names
    return "_load_expired"


async def eager_cost(Session):
    """Without RETURNING, `eager_defaults=True` costs one SELECT for each object."""
    async with Session() as session:
        users = [EagerUser(name="alice") for _ in range(3)]
        session.add_all(users)
        with statements(session) as sent:
            await session.commit()
        assert all(isinstance(user.created_at, datetime) for user in users)
    assert sent.count("SELECT") == len(users)
    return f"{len(users)} objects, {sent.count('SELECT')} SELECTs"


async def statement(Session, pool):
    """If the error includes its SQL, the SELECT is for the one column."""
    async with Session() as session:
        user = await created(session, User(name="alice"))
        error, _ = refused(lambda: user.created_at)
        assert isinstance(error, StatementError) == includes_sql(session, pool)
    if not isinstance(error, StatementError):
        return "no SQL"
    columns = error.statement.split("FROM")[0]
    assert "users.created_at" in columns
    assert "users.id" not in columns and "users.name" not in columns
    return "SELECT users.created_at"


FACTS = (
    with_returning,
    only_this_attribute,
    frames,
    eager_cost,
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
