# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `lazy-raise` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback

from sqlalchemy import ForeignKey, String
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    bio: Mapped[str] = mapped_column(
        String(100), deferred=True, deferred_raiseload=True
    )
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization | None] = relationship(lazy="raise")
    employer: Mapped[Organization | None] = relationship(
        lazy="raise_on_sql", viewonly=True
    )
    posts: Mapped[list["Post"]] = relationship(lazy="raise")
    drafts: Mapped[list["Post"]] = relationship(viewonly=True)


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def refused(read, message):
    """The frames of the InvalidRequestError with this message that `read()` raises, as file and function."""
    try:
        read()
    except InvalidRequestError as error:
        assert type(error) is InvalidRequestError, error
        assert str(error).endswith(message), error
        frames = traceback.extract_tb(error.__traceback__)
        return [(os.path.basename(frame.filename), frame.name) for frame in frames]
    raise AssertionError("the read was not refused")


async def refused_async(awaitable, message):
    """The same for what is awaited."""
    try:
        await awaitable
    except InvalidRequestError as error:
        assert type(error) is InvalidRequestError, error
        assert str(error).endswith(message), error
        return
    raise AssertionError("the read was not refused")


async def frames(Session):
    """The last frame is `_invoke_raise_load`; `__call__` in `strategies.py` above it only after `raiseload()`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        of_model = refused(
            lambda: user.posts, "'User.posts' is not available due to lazy='raise'"
        )
    assert of_model[-1] == ("strategies.py", "_invoke_raise_load")
    assert ("strategies.py", "__call__") not in of_model
    for option in raiseload("*"), raiseload(User.drafts):
        async with Session() as session:
            user = await session.get_one(User, 1, options=[option])
            of_query = refused(
                lambda user=user: user.drafts,
                "'User.drafts' is not available due to lazy='raise'",
            )
        assert of_query[-1] == ("strategies.py", "_invoke_raise_load")
        assert ("strategies.py", "__call__") in of_query
    return "model: no __call__; raiseload(): __call__; both end with _invoke_raise_load"


async def raise_on_sql(Session):
    """A many-to-one whose object is in the session, or whose key is NULL: refused with raise, not with raise_on_sql."""
    message = "'User.organization' is not available due to lazy='raise'"
    async with Session() as session:
        library = await session.get_one(Organization, 1)
        alice, bob = await session.get_one(User, 1), await session.get_one(User, 2)
        for user, expected in (alice, library), (bob, None):
            refused(lambda user=user: user.organization, message)
            assert user.employer is expected
        session.expunge(library)
        carol = await session.get_one(User, 3)
        refused(
            lambda: carol.employer,
            "'User.employer' is not available due to lazy='raise_on_sql'",
        )
    return "raise: both refused; raise_on_sql: both read, refused only where it would need SQL"


async def deferred_column(Session):
    """`due to raiseload=True` names a deferred column."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        refused(lambda: user.bio, "'User.bio' is not available due to raiseload=True")
    return "'User.bio' is not available due to raiseload=True"


async def session_closed(Session):
    """Once the session is closed, the error stays the same."""
    async with Session() as session:
        user = await session.get_one(User, 1)
    refused(lambda: user.posts, "'User.posts' is not available due to lazy='raise'")
    return "InvalidRequestError, not DetachedInstanceError"


async def awaitable_attrs(Session):
    """`awaitable_attrs` raises the same error."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await refused_async(
            user.awaitable_attrs.posts,
            "'User.posts' is not available due to lazy='raise'",
        )
    return "refused although it was awaited"


async def either_order(Session):
    """The option that loads works before and after `raiseload("*")`."""
    load, forbid = selectinload(User.drafts), raiseload("*")
    for options in (load, forbid), (forbid, load):
        async with Session() as session:
            user = await session.get_one(User, 1, options=options)
            assert len(user.drafts) == 1
    return "1 post with either order"


FACTS = (
    frames,
    raise_on_sql,
    deferred_column,
    session_closed,
    awaitable_attrs,
    either_order,
)


async def create_rows(engine, Session):
    """Three users, two of them in an organization and one with a post, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library, museum = (
            Organization(id=1, name="Library"),
            Organization(id=2, name="Museum"),
        )
        alice = User(id=1, name="alice", bio="", organization=library, posts=[Post()])
        bob = User(id=2, name="bob", bio="")
        carol = User(id=3, name="carol", bio="", organization=museum)
        session.add_all([alice, bob, carol])
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
