# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `selectin-cycle` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from collections import namedtuple

from sqlalchemy import ForeignKey, event, insert, inspect, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.orm.exc import DetachedInstanceError

Models = namedtuple("Models", "Base User Post")


def models(to_posts="selectin", to_author="selectin", depth=None):
    """A user with posts; the options are those of `User.posts` and `Post.author`."""

    class Base(AsyncAttrs, DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class User(Base):
        __tablename__ = "users"

        posts: Mapped[list["Post"]] = relationship(
            lazy=to_posts, join_depth=depth, back_populates="author"
        )

    class Post(Base):
        __tablename__ = "posts"

        author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
        author: Mapped[User] = relationship(lazy=to_author, back_populates="posts")

    return Models(Base, User, Post)


def refused(read, kind=MissingGreenlet):
    """The functions in the traceback of the error of this kind that `read()` raises."""
    try:
        read()
    except (MissingGreenlet, StatementError, DetachedInstanceError) as error:
        assert isinstance(getattr(error, "orig", None) or error, kind), error
        return {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    raise AssertionError("the read was not refused")


def is_loaded(item, name):
    return name not in inspect(item).unloaded


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def create_rows(Session, m, users=1):
    """Users with two posts each, in empty tables."""
    async with Session() as session:
        connection = await session.connection()
        await connection.run_sync(m.Base.metadata.drop_all)
        await connection.run_sync(m.Base.metadata.create_all)
        for _ in range(users):
            session.add(m.User(posts=[m.Post(), m.Post()]))
        await session.commit()


async def one(session, cls, *options):
    """The object of this class with the lowest key."""
    result = await session.scalars(select(cls).options(*options).order_by(cls.id))
    return result.unique().first()


async def both_ways(Session):
    """A query of posts loads `author`, but not its `posts`; with `"selectin"` and with `"joined"` on both sides."""
    for lazy in ("selectin", "joined"):
        m = models(lazy, lazy)
        await create_rows(Session, m)
        async with Session() as session:
            post = await one(session, m.Post)
            assert is_loaded(post, "author") and not is_loaded(post.author, "posts")
            refused(lambda post=post: post.author.posts)
    return "selectin and joined: author loaded, author.posts refused"


async def from_the_author(Session):
    """A query of users leaves `post.author` unloaded too; it can be read, because the author is in the session."""
    m = models()
    await create_rows(Session, m)
    async with Session() as session:
        user = await one(session, m.User)
        sent = statements_of(session)
        assert not is_loaded(user.posts[0], "author")
        assert user.posts[0].author is user
        assert sent == []
    return "not loaded, read without a statement"


async def session_closed(Session):
    """Once the session is closed, `user.posts[0].author` raises DetachedInstanceError; not with `"immediate"`, nor with `"joined"` below `"selectin"`."""
    read, sent_with = [], {}
    for to_posts in ("selectin", "joined"):
        for to_author in ("selectin", "joined", "immediate"):
            m = models(to_posts, to_author)
            await create_rows(Session, m)
            async with Session() as session:
                sent = statements_of(session)
                user = await one(session, m.User)
            if is_loaded(user.posts[0], "author"):
                assert user.posts[0].author is user
                read.append((to_posts, to_author))
            else:
                refused(lambda user=user: user.posts[0].author, DetachedInstanceError)
            sent_with.setdefault(to_posts, set()).add(len(sent))
    assert read == [
        ("selectin", "joined"),
        ("selectin", "immediate"),
        ("joined", "immediate"),
    ]
    assert sent_with == {"selectin": {2}, "joined": {1}}
    return "posts selectin: author read with joined, immediate; posts joined: with immediate; no extra SELECT; else DetachedInstanceError"


async def one_to_one(Session):
    """A one-to-one stops there as well, and `MappedAsDataclass` changes nothing about it."""
    for bases in ((DeclarativeBase,), (MappedAsDataclass, DeclarativeBase)):

        class Base(*bases):
            pass

        class User(Base):
            __tablename__ = "users"

            id: Mapped[int] = mapped_column(primary_key=True)
            profile: Mapped["Profile"] = relationship(
                lazy="selectin", back_populates="user"
            )

        class Profile(Base):
            __tablename__ = "profiles"

            id: Mapped[int] = mapped_column(primary_key=True)
            user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
            user: Mapped[User] = relationship(lazy="selectin", back_populates="profile")

        async with Session() as session:
            connection = await session.connection()
            await connection.run_sync(models().Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            await session.execute(insert(User).values(id=1))
            await session.execute(insert(Profile).values(id=1, user_id=1))
            await session.commit()
        async with Session() as session:
            profile = await one(session, Profile)
            assert is_loaded(profile, "user")
            refused(lambda profile=profile: profile.user.profile)
            await one(session, User)
            assert profile.user.profile is profile
        async with Session() as session:
            connection = await session.connection()
            await connection.run_sync(Base.metadata.drop_all)
            await session.commit()
    return "profile.user.profile refused, and read after a query of users"


async def join_depth(Session):
    """`join_depth=2` on `User.posts` loads one level more, 1 does not."""
    seen = []
    for depth in (None, 1, 2):
        m = models(depth=depth)
        await create_rows(Session, m)
        async with Session() as session:
            post = await one(session, m.Post)
            seen.append(is_loaded(post.author, "posts"))
    assert seen == [False, False, True]
    return "without it and with 1: not loaded; 2: loaded"


async def cost(Session):
    """The option and `join_depth=2` cost one extra SELECT per 500 authors."""
    seen = []
    for users in (1, 500, 501):
        counts = []
        for depth, has_option in ((None, False), (None, True), (2, False)):
            m = models(depth=depth)
            await create_rows(Session, m, users)
            option = selectinload(m.Post.author).selectinload(m.User.posts)
            async with Session() as session:
                sent = statements_of(session)
                await session.scalars(
                    select(m.Post).options(*[option] if has_option else [])
                )
                counts.append(len(sent))
        without, *fixed = counts
        seen.append([count - without for count in fixed])
    assert seen == [[1, 1], [1, 1], [2, 2]], seen
    return "option, join_depth=2: 1, 1 and 2 extra SELECTs for 1, 500 and 501 authors"


async def frames(Session):
    """The traceback is that of a lazy load: `_emit_lazyload` without `_load_expired`."""
    m = models()
    await create_rows(Session, m)
    async with Session() as session:
        post = await one(session, m.Post)
        names = refused(lambda: post.author.posts)
        assert "_emit_lazyload" in names and "_load_expired" not in names
        loaded = await one(
            session, m.Post, joinedload(m.Post.author).selectinload(m.User.posts)
        )
        assert loaded is post and len(post.author.posts) == 2
    return "_emit_lazyload; read after a query with the option"


FACTS = (
    both_ways,
    from_the_author,
    session_closed,
    one_to_one,
    join_depth,
    cost,
    frames,
)


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
