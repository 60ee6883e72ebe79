# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `eager-loading` says beyond its example, each sentence asserted by a run."""

import asyncio
import os

from sqlalchemy import ForeignKey, event, func, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    contains_eager,
    immediateload,
    joinedload,
    lazyload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)


class Base(AsyncAttrs, DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Organization(Base):
    __tablename__ = "organizations"

    users: Mapped[list["User"]] = relationship(back_populates="organization")


class User(Base):
    __tablename__ = "users"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(back_populates="users")
    posts: Mapped[list["Post"]] = relationship(back_populates="user")


class Post(Base):
    __tablename__ = "posts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="posts")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    replies: Mapped[list["Post"]] = relationship()


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


async def add_users(Session, users):
    """As many users, each with two posts and an organization of their own."""
    async with Session() as session:
        existing = await session.scalar(select(func.count(User.id)))
        session.add_all(
            User(organization=Organization(), posts=[Post(), Post()])
            for _ in range(users - existing)
        )
        await session.commit()


async def extra_selects(Session, option, attribute):
    """How many SELECTs loading all users sends beyond the first; reading the attribute afterwards sends none."""
    async with Session() as session:
        sent = statements_of(session)
        query = select(User).options(option(attribute))
        if option is contains_eager:
            query = query.join(attribute)
        users = (await session.scalars(query)).unique().all()
        if option is lazyload:
            for user in users:
                await getattr(user.awaitable_attrs, attribute.key)
        loading = len(sent)
        for user in users:
            assert getattr(user, attribute.key)
        assert len(sent) == loading
        return loading - 1


async def selects_added(Session):
    """What each strategy adds for 1, 10, 100 and 1,000 users, each with posts and an organization of their own; to 100 if it is one for each."""
    expected = {
        selectinload: [1, 1, 1, 2],
        joinedload: [0, 0, 0, 0],
        contains_eager: [0, 0, 0, 0],
        subqueryload: [1, 1, 1, 1],
        immediateload: [1, 10, 100],
        lazyload: [1, 10, 100],
    }
    seen = {option: {User.posts: [], User.organization: []} for option in expected}
    for users in (1, 10, 100, 1000):
        await add_users(Session, users)
        for option, counts in seen.items():
            for attribute, count in counts.items():
                if len(count) < len(expected[option]):
                    count.append(await extra_selects(Session, option, attribute))
    for option, counts in seen.items():
        for count in counts.values():
            assert count == expected[option], (option.__name__, count)
    return "; ".join(f"{o.__name__}: {counts}" for o, counts in expected.items())


async def distinct_keys(Session):
    """For a many-to-one, `selectinload`, `immediateload` and `lazyload` count the distinct objects, not the users."""
    async with Session() as session:
        shared = Organization()
        session.add_all(User(organization=shared) for _ in range(1000))
        await session.commit()
    options = (selectinload, immediateload, lazyload)
    for option in options:
        assert await extra_selects(Session, option, User.organization) == 1
    return f"1 for 1,000 users of one organization: {', '.join(o.__name__ for o in options)}"


async def unique(Session):
    """`joinedload` of a collection raises without `unique()`."""
    await add_users(Session, 1)
    async with Session() as session:
        result = await session.scalars(select(User).options(joinedload(User.posts)))

        async def fetch():
            return result.all()

        [error] = await asyncio.gather(fetch(), return_exceptions=True)
        assert type(error) is InvalidRequestError, error
        assert "unique() method must be invoked" in str(error)
        again = await session.scalars(select(User).options(joinedload(User.posts)))
        assert len(again.unique().all()) == 1
    return "InvalidRequestError without unique(), 1 user with it"


async def one_level(Session):
    """It loads what it names, not the level behind it; a tree needs a depth."""
    async with Session() as session:
        leaf = Post()
        tree = Post(replies=[Post(replies=[leaf])])
        user = User(organization=Organization(), posts=[tree, tree.replies[0], leaf])
        session.add(user)
        await session.commit()
    async with Session() as session:
        query = select(Organization).options(selectinload(Organization.users))
        organization = await session.scalar(query)
        [user] = organization.users
        refused(lambda: user.posts)
    async with Session() as session:
        root = select(Post).where(Post.parent_id.is_(None))
        post = await session.scalar(root.options(selectinload(Post.replies)))
        [reply] = post.replies
        refused(lambda: reply.replies)
    async with Session() as session:
        option = selectinload(Post.replies, recursion_depth=1)
        post = await session.scalar(root.options(option))
        [leaf] = post.replies[0].replies
        refused(lambda: leaf.replies)
    return "the next level refused; recursion_depth=1: one level more"


async def query_loads(Session):
    """A new object has nothing loaded, and `get()` sends no query for an object that the session holds."""
    async with Session() as session:
        user = User(organization=Organization())
        session.add(user)
        await session.flush()
        refused(lambda: user.posts)
        sent = statements_of(session)
        option = selectinload(User.posts)
        assert await session.get(User, user.id, options=[option]) is user
        assert sent == []
        refused(lambda: user.posts)
    return "new object: refused; get(): no statement, refused"


async def expires(Session):
    """What it loaded expires with a commit."""
    await add_users(Session, 1)
    async with Session() as session:
        user = await session.scalar(select(User).options(selectinload(User.posts)))
        assert len(user.posts) == 2
        await session.commit()
        refused(lambda: user.posts)
    return "2 posts, refused after the commit"


FACTS = (
    selects_added,
    distinct_keys,
    unique,
    one_level,
    query_loads,
    expires,
)


async def create_rows(engine, _):
    """Empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
