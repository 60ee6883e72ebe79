# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `unique-required` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    posts: Mapped[list["Post"]] = relationship(back_populates="user")


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="posts")


def refused(read):
    """The functions in the traceback of the error for want of `unique()` that `read()` raises."""
    try:
        read()
    except InvalidRequestError as error:
        assert "The unique() method must be invoked on this Result" in str(error), error
        return [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    raise AssertionError("the read was not refused")


def posts_joined(user_id):
    """A query of one user that joins the user's posts."""
    return select(User).where(User.id == user_id).options(joinedload(User.posts))


async def last_frame(Session):
    """`scalars()` sends the statement; `all()`, `one()` and a loop raise after it, with `require_unique` last."""
    sent = []
    async with Session() as session:
        event.listen(
            session.bind.sync_engine, "before_cursor_execute", lambda *_: sent.append(1)
        )
        reads = {
            "all()": lambda result: result.all(),
            "one()": lambda result: result.one(),
            "one_or_none()": lambda result: result.one_or_none(),
            "a loop": lambda result: [user for user in result],
        }
        for read in reads.values():
            result = await session.scalars(posts_joined(1))
            assert len(sent) == 1
            assert (
                refused(lambda read=read, result=result: read(result))[-1]
                == "require_unique"
            )
            assert len(sent) == 1
            sent.clear()
        result = await session.execute(posts_joined(1))
        assert refused(result.scalar_one_or_none)[-1] == "require_unique"
    return f"require_unique for {', '.join(reads)} and scalar_one_or_none(), the SELECT sent before"


async def a_row_is_enough(Session):
    """A user without posts raises, an empty result does not."""
    async with Session() as session:
        result = await session.scalars(posts_joined(2))
        refused(result.all)
        result = await session.scalars(posts_joined(3))
        assert result.all() == []
    return "refused for a user without posts; an empty list for no user"


async def one_object(Session):
    """`first()`, `session.scalar()` and `session.get()` do not raise."""
    async with Session() as session:
        first = (await session.scalars(posts_joined(1))).first()
        scalar = await session.scalar(posts_joined(1))
        got = await session.get(User, 1, options=[joinedload(User.posts)])
        assert first is scalar is got and len(got.posts) == 2
    return "all three returned alice with 2 posts"


async def collections(Session):
    """A collection raises on any level, and with `contains_eager()`; a many-to-one does not."""
    async with Session() as session:
        to_one = select(Post).options(joinedload(Post.user))
        assert len((await session.scalars(to_one)).all()) == 2
        below = select(Post).options(joinedload(Post.user).joinedload(User.posts))
        refused((await session.scalars(below)).all)
        contains = select(User).join(User.posts).options(contains_eager(User.posts))
        refused((await session.scalars(contains)).all)
        assert len((await session.scalars(contains)).unique().all()) == 1
    return (
        "many-to-one: 2 posts; a collection below it, or with contains_eager(): refused"
    )


FACTS = (last_frame, a_row_is_enough, one_object, collections)


async def create_rows(engine, Session):
    """Two users, one with two posts, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        alice = User(id=1, name="alice", posts=[Post(), Post()])
        session.add_all([alice, User(id=2, name="bob")])
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
