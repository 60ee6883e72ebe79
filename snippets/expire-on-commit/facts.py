# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `expire-on-commit` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    event,
    func,
    select,
)
from sqlalchemy.exc import (
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    visits: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )
    posts: Mapped[list[Post]] = relationship()


def refused(read):
    """The error that `read()` raises for want of a greenlet, and the functions in its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the read was not refused")


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


def both(Session):
    """A session with the default and one with `expire_on_commit=False`."""
    return [Session(expire_on_commit=setting) for setting in (True, False)]


async def saves_statements(Session):
    """After the commit, reading costs no statement; with the default, it takes one `refresh()` each or one query for all."""
    query = select(User).order_by(User.id)
    counts = []
    for again in ("read", "refresh", "select"):
        async with Session(expire_on_commit=again != "read") as session:
            with statements(session) as sent:
                users = (await session.scalars(query)).all()
                await session.commit()
                for user in users if again == "refresh" else ():
                    await session.refresh(user)
                if again == "select":
                    await session.scalars(query)
                assert [user.name for user in users] == ["alice", "bob"]
            counts.append(len(sent))
    assert counts == [1, 3, 2]
    return f"2 users: {counts[0]} statement; by default {counts[1]} with refresh(), {counts[2]} with a query"


async def after_the_session(Session):
    """When the session is closed, the objects can still be read."""
    async with Session() as session:
        user = await session.scalar(select(User).order_by(User.id))
        await session.commit()
    assert user.name == "alice"
    return "alice"


async def selected_again(Session):
    """A query for the same row doesn't bring another session's change, unless it has `populate_existing`."""
    async with Session() as session:
        query = select(User).order_by(User.id)
        user = await session.scalar(query)
        await session.commit()
        async with Session() as other:
            (await other.get_one(User, user.id)).name = "carol"
            await other.commit()
        await session.scalars(query)
        assert user.name == "alice"
        await session.scalars(query.execution_options(populate_existing=True))
        assert user.name == "carol"
    return "alice after a query, carol with populate_existing"


async def loads_nothing(Session):
    """A relationship that the query left out, or that a new object never had, isn't loaded by the setting."""
    async with Session() as session:
        user = await session.scalar(select(User))
        new = User(name="carol")
        session.add(new)
        await session.commit()
        refused(lambda: user.posts)
        refused(lambda: new.posts)
    return "both were refused"


async def unloaded_by_refresh(Session):
    """`refresh()` unloads a lazy relationship that was loaded; without it, the collection can be read after the commit."""
    async with Session() as session:
        user = await session.scalar(select(User).order_by(User.id))
        await session.refresh(user, ["posts"])
        await session.commit()
        assert len(user.posts) == 1
        await session.refresh(user)
        refused(lambda: user.posts)
    return "one post after the commit, refused after refresh()"


async def expired_by_the_flush(Session):
    """What the database computes expires with the flush, before any commit."""
    async with Session() as session:
        user = await session.scalar(select(User))
        user.visits = User.visits + 1
        await session.flush()
        refused(lambda: user.visits)
        refused(lambda: user.updated_at)
    return "visits and updated_at were refused after the flush"


async def rollback_and_expire(Session):
    """A rollback and `expire()` expire the object with either setting."""
    for session in both(Session):
        async with session:
            user = await session.scalar(select(User))
            await session.rollback()
            refused(lambda user=user: user.name)
            await session.refresh(user)
            session.expire(user)
            refused(lambda user=user: user.name)
    return "refused after both, with both settings"


FACTS = (
    saves_statements,
    after_the_session,
    selected_again,
    loads_nothing,
    unloaded_by_refresh,
    expired_by_the_flush,
    rollback_and_expire,
)


async def create_rows(engine, Session):
    """Two users, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", posts=[Post()]))
        await session.flush()
        session.add(User(name="bob"))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
