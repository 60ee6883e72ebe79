# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `fail-early` says beyond its example, each sentence asserted by a run."""

import asyncio
import os

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    defer,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}
    id: Mapped[int] = mapped_column(primary_key=True)


class Organization(Base):
    __tablename__ = "organizations"

    name: Mapped[str]


class Post(Base):
    __tablename__ = "posts"

    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    tags: Mapped[list["Tag"]] = relationship()


class Tag(Base):
    __tablename__ = "tags"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))


class User(Base):
    """Has its organization with each of three values of `lazy=`."""

    __tablename__ = "users"

    bio: Mapped[str] = mapped_column(deferred=True)
    diary: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()
    never: Mapped[Organization] = relationship(
        lazy="raise", overlaps="organization,posts"
    )
    no_sql: Mapped[Organization] = relationship(
        lazy="raise_on_sql", overlaps="organization,never"
    )
    posts: Mapped[list[Post]] = relationship(lazy="raise")
    comments: Mapped[list["Comment"]] = relationship()


class Comment(Base):
    __tablename__ = "comments"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def refused(read):
    """Asserts that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
    else:
        raise AssertionError("the read was not refused")


async def forbidden(read):
    """The attribute that the error names, if `read()` is forbidden."""

    async def reading():
        return read()

    [error] = await asyncio.gather(reading(), return_exceptions=True)
    assert type(error) is InvalidRequestError, error
    assert " is not available due to " in str(error), error
    return str(error).split("'")[1]


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def every_level(Session):
    """`raiseload("*")` forbids the relationships of all that the query loads, on every level, but not what an option names."""
    async with Session() as session:
        posts = selectinload(User.posts)
        user = await session.scalar(select(User).options(posts, raiseload("*")))
        [post] = user.posts
        seen = [await forbidden(lambda: user.comments)]
        seen.append(await forbidden(lambda: post.tags))
    assert seen == ["User.comments", "Post.tags"]
    return f"{', '.join(seen)} forbidden, User.posts loaded"


async def in_the_session(Session):
    """If the organization is in the session, `raise_on_sql` lets it pass; `raise` and `raiseload("*")` do not."""
    async with Session() as session:
        library = await session.get_one(Organization, 1)
        user = await session.scalar(select(User))
        assert user.no_sql is library
        assert user.organization is library
        assert await forbidden(lambda: user.never) == "User.never"
    async with Session() as session:
        library = await session.get_one(Organization, 1)
        user = await session.scalar(select(User).options(raiseload("*")))
        assert await forbidden(lambda: user.organization) == "User.organization"
    async with Session() as session:
        library = await session.get_one(Organization, 1)
        option = raiseload("*", sql_only=True)
        user = await session.scalar(select(User).options(option))
        assert user.organization is library
        assert await forbidden(lambda: user.comments) == "User.comments"
    return "raise_on_sql and sql_only=True: read; raise and raiseload('*'): forbidden"


async def no_statements(Session):
    """A query that forbids lazy loads sends the one statement that it sends without."""
    for users in (1, 10, 100, 1000):
        async with Session() as session:
            session.add_all(
                User(bio="", diary="", organization_id=1) for _ in range(users)
            )
            await session.commit()
            sent = statements_of(session)
            await session.scalars(select(User).options(raiseload("*")))
            await session.scalars(select(User))
            assert len(sent) == 2
    return "1 statement with and without, for 1, 10, 100 and 1,000 more users"


async def columns(Session):
    """An expired or deferred column still raises MissingGreenlet, unless it has an option of its own."""
    async with Session() as session:
        strict = select(User).options(raiseload("*"))
        user = await session.scalar(strict)
        refused(lambda: user.bio)
        seen = [await forbidden(lambda: user.diary)]
        await session.commit()
        refused(lambda: user.organization_id)
    async with Session() as session:
        option = defer(User.organization_id, raiseload=True)
        user = await session.scalar(strict.options(option))
        seen.append(await forbidden(lambda: user.organization_id))
    assert seen == ["User.diary", "User.organization_id"]
    return f"refused; with an option of their own: {', '.join(seen)} forbidden"


async def new_object(Session):
    """`raiseload()` does not reach a new object; `lazy="raise"` does."""
    async with Session() as session:
        await session.scalars(select(User).options(raiseload("*")))
        user = User(bio="", diary="", organization_id=1)
        session.add(user)
        await session.flush()
        refused(lambda: user.comments)
        assert await forbidden(lambda: user.posts) == "User.posts"
    return "comments: refused; posts, with lazy='raise': forbidden"


async def flush(Session):
    """A flush may load a forbidden collection, and nothing fails."""
    async with Session() as session:
        user = await session.scalar(select(User).options(raiseload("*")))
        sent = statements_of(session)
        await session.delete(user)
        await session.commit()
        assert any("FROM posts" in statement for statement in sent)
        assert await session.scalar(select(Post.user_id)) is None
    return "SELECT … FROM posts, then user_id is NULL"


async def refresh(Session):
    """`refresh(user, ["posts"])` loads a forbidden relationship."""
    async with Session() as session:
        user = await session.scalar(select(User).options(raiseload("*")))
        await session.refresh(user, ["posts", "comments"])
        assert (len(user.posts), len(user.comments)) == (1, 0)
    return "posts and comments loaded"


FACTS = (
    every_level,
    in_the_session,
    no_statements,
    columns,
    new_object,
    flush,
    refresh,
)


async def create_rows(engine, Session):
    """One user with a post that has a tag, in an organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(Organization(id=1, name="Library"))
        await session.flush()
        user = User(bio="", diary="", organization_id=1)
        user.posts.append(Post(tags=[Tag()]))
        session.add(user)
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
