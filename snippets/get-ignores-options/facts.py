# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `get-ignores-options` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from contextlib import contextmanager

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()
    posts: Mapped[list["Post"]] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


POSTS = [selectinload(User.posts)]


def refused(read):
    """The functions in the traceback of the error that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    raise AssertionError("the read was not refused")


@contextmanager
def statements(session):
    """The statements that are sent inside of the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def new_session(Session):
    """The same `get()` works in a new session, and where nothing refers to the object any more."""
    query = select(User).where(User.name == "alice")
    async with Session() as session:
        user = await session.get_one(User, 1, options=POSTS)
        assert len(user.posts) == 2
    async with Session() as session:
        me = await session.scalar(query)
        user = await session.get_one(User, 1, options=POSTS)
        assert user is me
        refused(lambda: user.posts)
    async with Session() as session:
        assert (await session.scalar(query)).name == "alice"
        user = await session.get_one(User, 1, options=POSTS)
        assert len(user.posts) == 2
    return "new session: 2 posts; loaded before: refused; loaded before but not kept: 2 posts"


async def no_select(Session):
    """`_emit_lazyload` is in the traceback, and the `get()` sent no SELECT."""
    async with Session() as session:
        me = await session.scalar(select(User))
        with statements(session) as sent:
            user = await session.get_one(User, 1, options=POSTS)
        assert user is me and not sent
        functions = refused(lambda: user.posts)
        assert "_emit_lazyload" in functions and "_load_expired" not in functions
    return "0 statements for the get(), then _emit_lazyload"


async def after_commit(Session):
    """After a commit that expired the object, `get()` sends a SELECT, but without the options."""
    async with Session() as session:
        me = await session.scalar(select(User))
        await session.commit()
        with statements(session) as sent:
            user = await session.get_one(User, 1, options=POSTS)
        assert user is me and len(sent) == 1
        assert "FROM users" in sent[0] and user.name == "alice"
        refused(lambda: user.posts)
    return "1 SELECT FROM users; name is read, posts refused"


async def stale_list(Session):
    """A loaded list stays as it was in `get()` and `select()`; `refresh()` and `populate_existing` reload it."""
    for reload in ("refresh()", "populate_existing"):
        async with Session() as session:
            user = await session.get_one(User, 1, options=POSTS)
            session.add(Post(title="Stamps", user_id=1))
            await session.flush()
            await session.get_one(User, 1, options=POSTS)
            await session.scalar(select(User).options(*POSTS))
            assert len(user.posts) == 2
            with statements(session) as sent:
                if reload == "refresh()":
                    await session.refresh(user, ["posts"])
                else:
                    fresh = {"options": POSTS, "populate_existing": True}
                    await session.get_one(User, 1, **fresh)
            assert len(user.posts) == 3 and len(sent) == 2
    return "get() and select(): 2 of 3 posts; refresh() and populate_existing: 3, with 2 SELECTs"


async def resets(Session):
    """`populate_existing` unloads what the options do not name, and without autoflush unsaved changes are lost."""
    both = [*POSTS, selectinload(User.organization)]
    names = []
    for autoflush in (True, False):
        async with Session(autoflush=autoflush) as session:
            user = await session.get_one(User, 1, options=both)
            assert user.organization.name == "Library"
            user.name = "carol"
            await session.get_one(User, 1, options=POSTS, populate_existing=True)
            names.append(user.name)
            refused(lambda user=user: user.organization)
    assert names == ["carol", "alice"]
    return f"organization refused; the changed name: {names[0]}, with autoflush=False {names[1]}"


FACTS = (new_session, no_select, after_commit, stale_list, resets)


async def create_rows(engine, Session):
    """A user with two posts, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        posts = [Post(title="Maps"), Post(title="Coins")]
        library = Organization(name="Library")
        session.add(User(id=1, name="alice", organization=library, posts=posts))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
