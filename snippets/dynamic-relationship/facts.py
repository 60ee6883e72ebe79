# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `dynamic-relationship` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from pathlib import Path

from sqlalchemy import ForeignKey, String, event, func, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    AppenderQuery,
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    posts: DynamicMapped[Post] = relationship(order_by=Post.id, overlaps="stream")
    stream: WriteOnlyMapped[Post] = relationship(order_by=Post.id, overlaps="posts")


def refused(read):
    """The functions in the traceback of the error that `read()` raises for want of a greenlet, with their files."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return {
            f"{Path(frame.filename).name}: {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the read was not refused")


async def raised(category, awaitable):
    """The error of exactly this class that awaiting raises."""
    [error] = await asyncio.gather(awaitable, return_exceptions=True)
    assert type(error) is category, error
    return str(error)


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def frames(Session):
    """The traceback contains `_iter` of `orm/query.py` and no `_emit_lazyload`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        found = refused(lambda: list(user.posts))
    assert "query.py: _iter" in found
    assert "strategies.py: _emit_lazyload" not in found
    return "_iter of query.py, no _emit_lazyload"


async def runs_the_query(Session):
    """`all()`, `first()`, `count()` and `[0]` run the query too, and raise."""
    runs = {
        "all()": lambda posts: posts.all(),
        "first()": lambda posts: posts.first(),
        "count()": lambda posts: posts.count(),
        "[0]": lambda posts: posts[0],
    }
    async with Session() as session:
        user = await session.get_one(User, 1)
        sent = statements_of(session)
        assert isinstance(user.posts, AppenderQuery)
        posts = user.posts.filter(Post.title != "").order_by(Post.title)
        assert sent == []
        for run in runs.values():
            refused(lambda run=run: run(posts))
    return f"{', '.join(runs)}: refused; user.posts, filter(), order_by(): no statement"


async def changes(Session):
    """`append()` and `remove()` work, but assigning a list runs the query and raises."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        birds = await session.get_one(Post, 1)
        user.posts.append(Post(title="Coins"))
        user.posts.remove(birds)
        await session.commit()
        query = select(Post.title).where(Post.user_id == 1).order_by(Post.id)
        assert (await session.scalars(query)).all() == ["Maps", "Stars", "Coins"]
        await session.refresh(user)
        found = refused(lambda: setattr(user, "posts", []))
        assert "query.py: _iter" in found
    return "append() and remove(): saved; assignment: refused in _iter of query.py"


async def no_help(Session):
    """After `refresh()` the loop still raises, `awaitable_attrs` gives the query, and `selectinload()` raises."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.refresh(user, ["posts"])
        refused(lambda: list(user.posts))
        posts = await user.awaitable_attrs.posts
        assert isinstance(posts, AppenderQuery)
        refused(lambda: list(posts))
        query = select(User).options(selectinload(User.posts))
        message = await raised(InvalidRequestError, session.scalars(query))
        assert message == (
            "'User.posts' does not support object population - "
            "eager loading cannot be applied."
        )
    return f"refresh() and awaitable_attrs: refused; selectinload(): {message}"


async def write_only(Session):
    """A `for` loop over a write-only collection raises a `TypeError` that names `select()`."""
    async with Session() as session:
        user = await session.get_one(User, 1)

        async def loop():
            for _ in user.stream:
                pass

        message = await raised(TypeError, loop())
        assert "use the select() method" in message
    return message


async def one_select_per_user(Session):
    """`WriteOnlyMapped` and `statement` cost one SELECT per user."""
    async with Session() as session:
        for users in (1, 10, 100):
            existing = await session.scalar(select(func.count(User.id)))
            session.add_all(User() for _ in range(users - existing))
            await session.commit()
            all_users = (await session.scalars(select(User))).all()
            sent = statements_of(session)
            for user in all_users:
                await session.scalars(user.stream.select())
            assert len(sent) == users
            for user in all_users:
                await session.scalars(user.posts.statement)
            assert len(sent) == 2 * users
    return "1, 10 and 100 SELECTs for 1, 10 and 100 users"


async def statement(Session):
    """`statement` takes the SELECT out of the query, after `filter()` or `order_by()` too."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        recent = user.posts.filter(Post.title != "Maps").order_by(None)
        posts = await session.scalars(recent.order_by(Post.title.desc()).statement)
        assert [post.title for post in posts] == ["Stars", "Birds"]
    return "Stars, Birds: filtered and sorted"


FACTS = (
    frames,
    runs_the_query,
    changes,
    no_help,
    write_only,
    one_select_per_user,
    statement,
)


async def create_rows(engine, Session):
    """One user with three posts, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(user := User())
        await session.flush()
        for title in ("Birds", "Maps", "Stars"):
            session.add(Post(title=title, user_id=user.id))
            await session.flush()
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
