# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `refresh-relationship` says beyond its example, each sentence asserted by a run."""

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
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    posts: Mapped[list["Post"]] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class SelectinUser(Base):
    __table__ = User.__table__
    posts: Mapped[list[Post]] = relationship(lazy="selectin", viewonly=True)


class JoinedUser(Base):
    __table__ = User.__table__
    posts: Mapped[list[Post]] = relationship(lazy="joined", viewonly=True)


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


async def frames(Session):
    """After `refresh(user)` the columns can be read; `posts` is refused with `_emit_lazyload` alone."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await session.refresh(user)
        assert (user.id, user.name, user.email) == (1, "alice", "a@example.org")
        functions = refused(lambda: user.posts)
    assert "_emit_lazyload" in functions and "_load_expired" not in functions
    return "id, name and email read; posts: _emit_lazyload alone"


async def unnamed(Session):
    """After a commit, an attribute that `refresh()` did not name is refused, unless `expire_on_commit=False`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await session.refresh(user, ["name", "posts"])
        assert user.name == "alice" and len(user.posts) == 2
        assert "_load_expired" in refused(lambda: user.email)
    async with Session(expire_on_commit=False) as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await session.refresh(user, ["posts"])
        assert user.email == "a@example.org" and len(user.posts) == 2
    return "email: _load_expired; with expire_on_commit=False a@example.org"


async def on_the_model(Session):
    """A relationship that the model loads eagerly comes back with the refresh."""
    for model in (SelectinUser, JoinedUser):
        async with Session() as session:
            user = await session.get_one(model, 1)
            await session.commit()
            await session.refresh(user)
            assert len(user.posts) == 2
    return "lazy='selectin' and lazy='joined': 2 posts after refresh()"


async def first_query(Session):
    """The options of the query that first loaded the object count; those of a later one do with `populate_existing` only."""
    query = select(User).where(User.id == 1)
    for load in (selectinload, joinedload):
        eager = query.options(load(User.posts))
        async with Session() as session:
            user = (await session.scalars(eager)).unique().one()
            await session.refresh(user)
            assert len(user.posts) == 2
        async with Session() as session:
            user = await session.scalar(query)
            assert (await session.scalars(eager)).unique().one() is user
            assert len(user.posts) == 2
            await session.refresh(user)
            refused(lambda user=user: user.posts)
            fresh = eager.execution_options(populate_existing=True)
            assert (await session.scalars(fresh)).unique().one() is user
            await session.refresh(user)
            assert len(user.posts) == 2
    return (
        "first query: kept; later query: unloaded; later with populate_existing: kept"
    )


async def costs(Session):
    """`refresh(user)` sends 1 SELECT, 2 more for the relationship; in one call, and with `get()`, it is 2 in all."""
    counts = []
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        for names in (None, ["posts"], ["name", "email", "posts"]):
            with statements(session) as sent:
                await session.refresh(user, names)
            counts.append(len(sent))
        await session.commit()
        load = [selectinload(User.posts)]
        with statements(session) as sent:
            await session.get_one(User, 1, options=load, populate_existing=True)
        counts.append(len(sent))
        assert user.email == "a@example.org" and len(user.posts) == 2
    assert counts == [1, 2, 2, 2]
    plain, posts, names, get = counts
    return f"refresh(user) {plain}, then refresh(user, ['posts']) {posts}; all names {names}; get() {get}"


FACTS = (frames, unnamed, on_the_model, first_query, costs)


async def create_rows(engine, Session):
    """A user with two posts, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        posts = [Post(title="Maps"), Post(title="Coins")]
        session.add(User(id=1, name="alice", email="a@example.org", posts=posts))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
