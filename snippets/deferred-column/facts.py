# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `deferred-column` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

import sqlalchemy
from sqlalchemy import String, Text, event, func, inspect, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    load_only,
    mapped_column,
    undefer,
)
from sqlalchemy.pool import NullPool


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text, deferred=True)


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
    """Whether an error for want of a greenlet includes its SQL, in a transaction that has its connection."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def frames(Session):
    """`_load_for_state` is in the traceback, without `_emit_lazyload` and `_load_expired`, after a commit too."""
    async with Session() as session:
        post = await session.scalar(select(Post))
        _, of_deferred = refused(lambda: post.body)
        await session.commit()
        _, after_commit = refused(lambda: post.body)
    async with Session() as session:
        query = select(Post).options(load_only(Post.body))
        post = await session.scalar(query)
        _, of_load_only = refused(lambda: post.title)
    for found in (of_deferred, after_commit, of_load_only):
        assert "_load_for_state" in found
        assert not found & {"_emit_lazyload", "_load_expired"}
    return (
        "_load_for_state alone, for deferred=True, after a commit, and for load_only()"
    )


async def in_the_session(Session):
    """If the session already has the post with its body, reading it works, as after creating the post."""
    async with Session() as session:
        created = Post(title="Bye", body="Goodbye, world!")
        session.add(created)
        await session.flush()
        posts = (await session.scalars(select(Post).order_by(Post.id))).all()
        refused(lambda: posts[0].body)
        assert posts[1] is created
        assert posts[1].body == "Goodbye, world!"
    return "the post created in this session: read; the other one: refused"


async def refresh_without_name(Session):
    """`refresh(post)` leaves the column out, and unloads a value that was loaded or set on a new object."""
    async with Session() as session:
        loaded = await session.scalar(select(Post))
        assert await loaded.awaitable_attrs.body
        created = Post(title="Bye", body="Goodbye, world!")
        session.add(created)
        await session.flush()
        for post in (loaded, created):
            assert post.body
            await session.refresh(post)
            refused(lambda post=post: post.body)
            await session.refresh(post, ["body"])
            assert post.body
    return "refused after refresh(post), read after refresh(post, ['body'])"


async def load_only_leaves_out(Session):
    """`load_only()` leaves out the columns that it doesn't name, but not the primary key."""
    async with Session() as session:
        post = await session.scalar(select(Post).options(load_only(Post.body)))
        assert inspect(post).unloaded == {"title"}
    async with Session() as session:
        post = await session.scalar(select(Post).options(load_only(Post.title)))
        assert inspect(post).unloaded == {"body"}
    return "title with load_only(Post.body), body with load_only(Post.title)"


async def one_select_per_object(Session):
    """`awaitable_attrs` and `refresh(post, ["body"])` cost one SELECT per object, `undefer()` none."""
    for posts in (1, 10, 100):
        async with Session() as session:
            existing = await session.scalar(select(func.count(Post.id)))
            session.add_all(
                Post(title="Hi", body="Hi") for _ in range(posts - existing)
            )
            await session.commit()
            sent = statements_of(session)
            for post in await session.scalars(select(Post)):
                await post.awaitable_attrs.body
            assert len(sent) == 1 + posts
        async with Session() as session:
            for post in await session.scalars(select(Post)):
                await session.refresh(post, ["body"])
            assert len(sent) == 2 * (1 + posts)
        async with Session() as session:
            for post in await session.scalars(select(Post).options(undefer(Post.body))):
                assert post.body
            assert len(sent) == 2 * (1 + posts) + 1
    return "1, 10 and 100 extra SELECTs for 1, 10 and 100 posts; undefer(): 0"


async def statement(Session):
    """If the error includes its SQL, the SELECT asks for the one column, by the row's primary key."""
    async with Session() as session:
        post = await session.scalar(select(Post))
        error, _ = refused(lambda: post.body)
        assert isinstance(error, StatementError) == includes_sql(session)
    if not isinstance(error, StatementError):
        return "no SQL"
    unquoted = error.statement.replace("`", "")
    columns, _, condition = unquoted.partition("FROM posts")
    assert columns.split()[:2] == ["SELECT", "posts.body"] and "," not in columns
    assert condition.split()[:3] == ["WHERE", "posts.id", "="]
    return "SELECT posts.body FROM posts WHERE posts.id"


FACTS = (
    frames,
    load_only_leaves_out,
    in_the_session,
    refresh_without_name,
    one_select_per_object,
)
# The class of an error, and whether it includes its SQL, could depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """One post, in an empty table."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(Post(title="Hello", body="Hello, world!"))
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
