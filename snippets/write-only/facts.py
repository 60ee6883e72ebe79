# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `write-only` says beyond its example, each sentence asserted by a run."""

import asyncio
import os

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(AsyncAttrs, DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    """Has its posts as a write-only collection, and as a list for comparison."""

    __tablename__ = "users"

    posts: WriteOnlyMapped["Post"] = relationship(back_populates="user")
    as_list: Mapped[list["Post"]] = relationship(viewonly=True)


class Post(Base):
    __tablename__ = "posts"

    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User | None] = relationship(back_populates="posts")


class Author(Base):
    """Can be deleted, and `Page.author` has `active_history=True`."""

    __tablename__ = "authors"

    pages: WriteOnlyMapped["Page"] = relationship(
        back_populates="author", cascade="all, delete-orphan", passive_deletes=True
    )


class Page(Base):
    __tablename__ = "pages"

    author_id: Mapped[int] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), nullable=True
    )
    author: Mapped[Author] = relationship(back_populates="pages", active_history=True)


def refused(read):
    """Asserts that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
    else:
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


async def no_sql(Session):
    """`add()`, `remove()` and `select()` send no SQL, even after a commit; the flush and `session.scalars()` do."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        stored = await session.get_one(Post, 1)
        await session.commit()
        sent = statements_of(session)
        user.posts.add(Post())
        user.posts.remove(stored)
        query = user.posts.select()
        assert sent == []
        await session.commit()
        left = (await session.scalars(query.order_by(Post.id))).all()
        assert [post.id for post in left] == [2, 3]
        assert {statement.split()[0] for statement in sent} == {
            "SELECT",
            "INSERT",
            "UPDATE",
        }
    return "no statement; INSERT and UPDATE in the flush"


async def active_history(Session):
    """`add()` of a stored post raises if the other side has `active_history=True` and isn't loaded."""
    async with Session() as session:
        session.add_all([Author(pages=[Page()]), Author()])
        await session.commit()
    async with Session() as session:
        author = await session.get_one(Author, 2)
        page = await session.get_one(Page, 1)
        author.pages.add(Page())
        await session.flush()
        refused(lambda: author.pages.add(page))
        await session.refresh(page, ["author"])
        author.pages.add(page)
        await session.commit()
    return "refused; added after refresh(page, ['author'])"


async def parameters(Session):
    """Reading the parameters of `select()` raises after a commit."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        assert list(user.posts.select().compile().params.values()) == [1]
        await session.commit()
        query = user.posts.select()
        refused(lambda: query.compile().params)
        assert len((await session.scalars(query)).all()) == 2
    return "1; refused after the commit, where session.scalars() works"


async def changing(Session):
    """`add()` and `remove()` cost the same, however many posts there are; a list costs two SELECTs that load all."""
    for posts in (1, 10, 100, 1000):
        async with Session() as session:
            user = User(posts=[Post() for _ in range(posts)])
            session.add(user)
            await session.flush()
            first = await session.scalar(user.posts.select().limit(1))
            sent = statements_of(session)
            user.posts.add(Post())
            user.posts.remove(first)
            await session.flush()
            assert sorted(statement.split()[0] for statement in sent) == [
                "INSERT",
                "UPDATE",
            ]
            sent.clear()
            await session.refresh(user, ["as_list"])
            assert len(sent) == 2 and len(user.as_list) == posts
    return "1 INSERT and 1 UPDATE for 1, 10, 100 and 1,000 posts; a list: 2 SELECTs"


async def reading(Session):
    """Reading costs one SELECT per user, and eager loading one per 500 users."""
    for users, eager in ((1, 1), (10, 1), (100, 1), (501, 2)):
        async with Session() as session:
            existing = (await session.scalars(select(User))).all()
            session.add_all(User() for _ in range(users - len(existing)))
            await session.commit()
            sent = statements_of(session)
            query = select(User).options(selectinload(User.as_list))
            all_users = (await session.scalars(query)).all()
            assert len(sent) == 1 + eager
            sent.clear()
            for user in all_users[:100]:
                await session.scalars(user.posts.select())
            assert len(sent) == min(users, 100)
    return "1, 10 and 100 for 1, 10 and 100 users; selectinload: 1, 1, 1, and 2 for 501"


async def cannot(Session):
    """No iteration, no length, no eager loading, and on a stored user no replacing."""

    async def iterate():
        return list(user.posts)

    async def length():
        return len(user.posts)

    async def replace():
        user.posts = [Post()]

    async with Session() as session:
        user = await session.get_one(User, 1)
        await raised(TypeError, iterate())
        await raised(TypeError, length())
        await raised(InvalidRequestError, replace())
        query = select(User).options(selectinload(User.posts))
        await raised(InvalidRequestError, session.scalars(query))
        new = User(posts=[Post()])
        new.posts = [Post(), Post()]
        session.add(new)
        await session.flush()
        assert len((await session.scalars(new.posts.select())).all()) == 2
    return "TypeError, TypeError, InvalidRequestError, InvalidRequestError; a new user's posts: replaced"


async def awaitable_attrs(Session):
    """`awaitable_attrs` gives the same collection, and loads no post."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        sent = statements_of(session)
        posts = await user.awaitable_attrs.posts
        assert type(posts) is type(user.posts)
        assert sent == []
    return f"{type(posts).__name__}, no statement"


async def delete(Session):
    """A user can't be deleted, even without posts, unless the relationship has `passive_deletes=True`."""
    async with Session() as session:
        user, author = User(), Author()
        session.add_all([user, author])
        await session.commit()
        await session.delete(author)
        await session.commit()
        await session.delete(user)
        message = await raised(InvalidRequestError, session.commit())
        assert "configure passive_deletes=True" in message
    return message


async def database_deletes(Session):
    """With `passive_deletes=True` and `ondelete="CASCADE"` the database deletes the rows; SQLite does not by default."""
    async with Session() as session:
        author = Author(pages=[Page(), Page()])
        session.add(author)
        await session.commit()
        sent = statements_of(session)
        await session.delete(author)
        await session.flush()
        assert not any("pages" in statement for statement in sent)
        left = len((await session.scalars(select(Page.id))).all())
        assert left == (2 if session.bind.dialect.name == "sqlite" else 0)
    return f"{left} of 2 rows left, in {session.bind.dialect.name}"


FACTS = (
    no_sql,
    active_history,
    parameters,
    changing,
    reading,
    cannot,
    awaitable_attrs,
    delete,
    database_deletes,
)


async def create_rows(engine, Session):
    """One user with two posts, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(posts=[Post(), Post()]))
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
