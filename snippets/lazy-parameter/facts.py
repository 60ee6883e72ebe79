# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `lazy-parameter` says beyond its example, each sentence asserted by a run."""

import asyncio
import os

from sqlalchemy import ForeignKey, event, func, inspect, select
from sqlalchemy.exc import (
    IntegrityError,
    InvalidRequestError,
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(AsyncAttrs, DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Organization(Base):
    __tablename__ = "organizations"

    users: Mapped[list["User"]] = relationship(lazy="raise")


class Post(Base):
    __tablename__ = "posts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization | None] = relationship(
        lazy="joined", overlaps="users"
    )
    posts: Mapped[list[Post]] = relationship(lazy="selectin")


def refused(read):
    """Asserts that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
    else:
        raise AssertionError("the read was not refused")


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def every_query(Session):
    """Each query that returns objects of the class loads it: one extra SELECT per 500 objects, none if it returns columns."""
    for users, extra in ((1, 1), (10, 1), (100, 1), (1000, 2)):
        async with Session() as session:
            existing = await session.scalar(select(func.count(User.id)))
            session.add_all(User() for _ in range(users - existing))
            await session.commit()
            sent = statements_of(session)
            await session.scalars(select(User))
            assert [" posts" in sql.lower() for sql in sent] == [False] + extra * [True]
    async with Session() as session:
        sent = statements_of(session)
        await session.get_one(User, 1)
        assert len(sent) == 2
        await session.scalars(select(User.id))
        assert len(sent) == 3
    return "1, 1, 1 and 2 extra SELECTs for 1, 10, 100 and 1,000 users; get(): 1; select(User.id): 0"


async def new_object(Session):
    """`selectin` and `joined` do nothing for a new object."""
    async with Session() as session:
        user = User(organization_id=1)
        session.add(user)
        await session.flush()
        refused(lambda: user.posts)
        refused(lambda: user.organization)
    return "posts and organization refused"


async def expires(Session):
    """What the query loaded expires with a commit."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        assert (len(user.posts), user.organization.id) == (1, 1)
        await session.commit()
        refused(lambda: user.posts)
        refused(lambda: user.organization)
    return "posts and organization refused after the commit"


async def option_overrides(Session):
    """An option loads in spite of `lazy="raise"`, and `lazyload()` leaves out what `lazy="selectin"` would load."""
    async with Session() as session:
        query = select(Organization)
        organization = await session.scalar(query)

        async def read():
            return organization.users

        [error] = await asyncio.gather(read(), return_exceptions=True)
        assert type(error) is InvalidRequestError, error
        option = selectinload(Organization.users).lazyload(User.posts)
        sent = statements_of(session)
        organization = await session.scalar(query.options(option))
        assert len(sent) == 2
        [user] = organization.users
        refused(lambda: user.posts)
    return "selectinload() over raise: loaded; lazyload() over selectin: not loaded"


def comments(lazy, join_depth):
    """A model of a tree."""

    class Tree(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class Comment(Tree):
        __tablename__ = "comments"

        parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
        replies: Mapped[list["Comment"]] = relationship(
            lazy=lazy, join_depth=join_depth
        )

    return Comment


async def levels(Session, lazy, join_depth):
    """How many levels of a tree of five are loaded; reading the next one is refused."""
    Comment = comments(lazy, join_depth)
    async with Session() as session:
        connection = await session.connection()
        await connection.run_sync(Comment.metadata.drop_all)
        await connection.run_sync(Comment.metadata.create_all)
        replies = []
        for _ in range(5):
            replies = [Comment(replies=replies)]
        session.add(Comment(replies=replies))
        await session.commit()
    async with Session() as session:
        query = select(Comment).where(Comment.parent_id.is_(None))
        comment = (await session.scalars(query)).unique().one()
        loaded = 0
        while "replies" not in inspect(comment).unloaded and comment.replies:
            [comment] = comment.replies
            loaded += 1
        if loaded < 5:
            refused(lambda: comment.replies)
    return loaded


async def tree(Session):
    """`selectin` and `joined` load as many levels of a tree as `join_depth` says, none without it; `immediate` loads all."""
    for lazy in ("selectin", "joined"):
        for join_depth, expected in ((None, 0), (1, 1), (3, 3)):
            assert await levels(Session, lazy, join_depth) == expected
    assert await levels(Session, "immediate", None) == 5
    return (
        "selectin, joined: 0 levels, with join_depth 1 and 3: 1 and 3; immediate: all 5"
    )


def articles(lazy):
    """A model with a cascade of deletes."""

    class Blog(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class Article(Blog):
        __tablename__ = "articles"

        notes: Mapped[list["Note"]] = relationship(
            lazy=lazy, cascade="all, delete-orphan"
        )

    class Note(Blog):
        __tablename__ = "notes"

        article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))

    return Article, Note


async def delete(Session):
    """`await session.delete()` loads the collection for its cascade, whatever `lazy` says, unless it is `"noload"`."""
    for lazy in ("select", "selectin", "raise", "noload"):
        Article, Note = articles(lazy)
        async with Session() as session:
            connection = await session.connection()
            await connection.run_sync(Article.metadata.drop_all)
            await connection.run_sync(Article.metadata.create_all)
            session.add(Article(notes=[Note()]))
            await session.commit()
            dialect = session.bind.dialect.name
        async with Session() as session:
            article = await session.get_one(Article, 1)
            sent = statements_of(session)
            await session.delete(article)
            loads = 1 if lazy in ("select", "raise") else 0
            assert len(sent) == loads, (lazy, sent)
            if lazy == "noload" and dialect != "sqlite":
                [error] = await asyncio.gather(session.flush(), return_exceptions=True)
                assert type(error) is IntegrityError, error
                continue
            await session.flush()
            notes = await session.scalar(select(func.count(Note.id)))
            assert notes == (1 if lazy == "noload" else 0), lazy
    return "select, selectin, raise: deleted; noload: left, or IntegrityError if the database checks foreign keys"


FACTS = (every_query, new_object, expires, option_overrides, tree, delete)


async def create_rows(engine, Session):
    """One user with one post, in an organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(organization=Organization(), posts=[Post()]))
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
