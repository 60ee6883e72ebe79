# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `explicit-expire` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import (
    ForeignKey,
    String,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import (
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import NullPool


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship()


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


def includes_sql(session):
    """Whether an error for want of a greenlet includes its SQL, in a transaction that has its connection already."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def no_sql(Session):
    """`expire()` and `expire_all()` send no SQL, and expire each column, the primary key too."""
    async with Session() as session:
        user = await session.scalar(select(User))
        with statements(session) as sent:
            session.expire(user)
            session.expire_all()
        assert sent == []
        assert {"id", "name"} <= inspect(user).expired_attributes
        refused(lambda: user.id)
    return "no statement; id was refused"


async def frames(Session):
    """The traceback contains `_load_expired` but no call of `expire()`, as after a commit and after a rollback."""
    seen = []
    for expire in (AsyncSession.expire_all, AsyncSession.commit, AsyncSession.rollback):
        async with Session() as session:
            user = await session.scalar(select(User))
            if done := expire(session):
                await done
            _, names = refused(lambda user=user: user.name)
            assert "_load_expired" in names
            assert not names & {"expire", "expire_all", "commit", "rollback"}
            seen.append(names)
    assert seen[0] == seen[1] == seen[2]
    return "_load_expired, and the same functions after expire_all(), commit() and rollback()"


async def named_column(Session):
    """After `session.expire(user, ["name"])`, `user.id` can be read."""
    async with Session() as session:
        user = await session.scalar(select(User))
        session.expire(user, ["name"])
        assert user.id == 1
        refused(lambda: user.name)
    return "id was read, name was refused"


async def named_relationship(Session):
    """After `session.expire(user, ["posts"])`, the traceback of `user.posts` contains `_emit_lazyload` and no `_load_expired`."""
    async with Session() as session:
        query = select(User).options(selectinload(User.posts))
        user = await session.scalar(query)
        session.expire(user, ["posts"])
        assert user.name == "alice"
        _, names = refused(lambda: user.posts)
    assert "_emit_lazyload" in names and "_load_expired" not in names
    return "_emit_lazyload"


async def awaitable_attrs(Session):
    """`awaitable_attrs` loads the other expired columns of the object too, with one SELECT."""
    async with Session() as session:
        user = await session.scalar(select(User))
        session.expire(user)
        with statements(session) as sent:
            await user.awaitable_attrs.name
        assert (user.id, user.name) == (1, "alice")
    assert sent == ["SELECT"]
    return "id and name were read after one SELECT"


async def populate_existing(Session):
    """`populate_existing` overwrites what is loaded, at no SELECT but the query's own."""
    async with Session() as session:
        users = (await session.scalars(select(User))).all()
        await session.execute(text("UPDATE users SET name = 'carol'"))
        with statements(session) as sent:
            await session.scalars(select(User))
            assert {user.name for user in users} == {"alice", "bob"}
            query = select(User).execution_options(populate_existing=True)
            await session.scalars(query)
            assert {user.name for user in users} == {"carol"}
    assert sent == ["SELECT", "SELECT"]
    return (
        "the old names after a query, the new ones after a query with populate_existing"
    )


async def statement(Session):
    """If the error includes its SQL, the SELECT lists what was expired: each column, or the one that was named."""
    lists = []
    async with Session() as session:
        user = await session.scalar(select(User))
        for names in (None, ["name"]):
            await session.refresh(user)
            session.expire(user, names)
            error, _ = refused(lambda: user.name)
            assert isinstance(error, StatementError) == includes_sql(session)
            lists.append(getattr(error, "statement", "").split("FROM")[0])
    if not isinstance(error, StatementError):
        return "no SQL"
    assert all("users.name" in columns for columns in lists)
    assert ["users.id" in columns for columns in lists] == [True, False]
    return "id and name; name alone"


FACTS = (
    no_sql,
    frames,
    named_column,
    named_relationship,
    awaitable_attrs,
    populate_existing,
)
# The class of an error, and whether it includes its SQL, may depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Two users, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", posts=[Post()]))
        await session.flush()
        session.add(User(name="bob"))
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
                seen.append(f"{pool}: {await fact(Session)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
