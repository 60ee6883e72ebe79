# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "greenback>=1.3,<2",
# ]
# ///
"""What the page `run-sync` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import threading

import greenback
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
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
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def refused(call):
    """Assert that `call()` raises for want of a greenlet."""
    try:
        call()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return
    raise AssertionError("the call was not refused")


async def async_refused(awaitable):
    """Assert the same of `await awaitable`."""
    try:
        await awaitable
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return
    raise AssertionError("the call was not refused")


def statements_of(engine):
    """A list to which each statement is added when it is sent."""
    sent = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
    )
    return sent


async def itself(Session):
    """`run_sync()` sends no statements of its own."""
    sent = statements_of(Session.kw["bind"])
    async with Session() as session:
        await session.run_sync(lambda sync: sync.info)
        assert sent == []
        await session.scalar(select(User))
        awaited, sent[:] = list(sent), []
        await session.run_sync(lambda sync: sync.scalar(select(User)))
        assert sent == awaited and len(sent) == 1
    return "0 statements for a function without SQL; 1 SELECT, as with await"


async def lazy_loads(Session):
    """A lazy load inside costs one SELECT for each organization, unless the function loads them eagerly."""
    sent = statements_of(Session.kw["bind"])

    def names(session, *options):
        users = session.scalars(select(User).order_by(User.id).options(*options))
        return [user.organization.name for user in users]

    counts = []
    for options in ((), (selectinload(User.organization),)):
        async with Session() as session:
            sent.clear()
            found = await session.run_sync(names, *options)
            assert found == ["Library", "Museum", "Archive"]
            counts.append(len(sent))
    assert counts == [4, 2]
    return "3 users: 4 statements lazily, 2 with selectinload"


async def returned(Session):
    """Outside, an unloaded attribute of what it returned is refused; one that the query loaded is not."""
    async with Session() as session:
        query = select(User).where(User.name == "alice")
        user = await session.run_sync(lambda sync: sync.scalar(query))
        refused(lambda: user.organization)
    async with Session() as session:
        query = query.options(joinedload(User.organization))
        user = await session.run_sync(lambda sync: sync.scalar(query))
        assert user.organization.name == "Library"
    return "refused; with joinedload Library"


async def coroutine_function(Session):
    """A coroutine function returns its coroutine, which is refused when it is awaited."""

    async def find(session):
        return session.scalar(select(User))

    async with Session() as session:
        coroutine = await session.run_sync(find)
        assert asyncio.iscoroutine(coroutine)
        await async_refused(coroutine)
    return "a coroutine, refused when awaited"


async def one_task(Session):
    """The function runs in the thread and the task of its caller; while it computes, no other task runs."""
    turns = []

    async def other_task():
        while True:
            turns.append("turn")
            await asyncio.sleep(0)

    def query(session):
        session.scalars(select(User)).all()
        return threading.current_thread(), asyncio.current_task()

    def compute(_session):
        sum(range(1_000_000))
        return threading.current_thread(), asyncio.current_task()

    task = asyncio.create_task(other_task())
    await asyncio.sleep(0)
    others_ran = []
    for function in (query, compute):
        async with Session() as session:
            before = len(turns)
            thread, current = await session.run_sync(function)
            others_ran.append(len(turns) > before)
        assert (
            thread is threading.current_thread() and current is asyncio.current_task()
        )
    task.cancel()
    assert others_ran == [True, False]
    return "same thread, same task; others ran during a query, not during a sum"


async def one_at_a_time(Session):
    """Two `run_sync()` on one session at once: the second is refused, if the session has no connection yet."""

    def find(session):
        return session.scalar(select(User.name).where(User.id == 1))

    await Session.kw["bind"].dispose()
    async with Session() as session:
        calls = session.run_sync(find), session.run_sync(find)
        first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert first == "alice"
    assert isinstance(second, InvalidRequestError) and second.code == "isce"
    return "the second was refused: InvalidRequestError, isce"


async def with_greenback(Session):
    """`greenback.await_()` works in the function, once `ensure_portal()` was awaited in that task."""
    async with Session() as session:

        def function(_):
            return greenback.await_(session.get(User, 1)).name

        try:
            await session.run_sync(function)
        except RuntimeError as error:
            assert "You must create a greenback portal for this task" in str(error)
        else:
            raise AssertionError("await_() worked without a portal")
        await greenback.ensure_portal()
        assert await session.run_sync(function) == "alice"
    return "without a portal: RuntimeError; with it: alice"


async def greenback_and_lazy_loads(Session):
    """A portal of greenback doesn't make lazy loads work; `greenback.await_()` of `run_sync()` does."""
    await greenback.ensure_portal()
    async with Session() as session:
        user = await session.get(User, 1)
        refused(lambda: user.organization)
        loaded = greenback.await_(session.run_sync(lambda _: user.organization))
        assert loaded.name == "Library"
    return "user.organization: MissingGreenlet; await_(run_sync()): Library"


FACTS = (
    itself,
    lazy_loads,
    returned,
    coroutine_function,
    one_task,
    one_at_a_time,
    with_greenback,
    greenback_and_lazy_loads,
)


async def create_rows(engine, Session):
    """Three users in three organizations, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        names = {"alice": "Library", "bob": "Museum", "carol": "Archive"}
        for id, (name, organization) in enumerate(names.items(), 1):
            row = Organization(id=id, name=organization)
            session.add(User(id=id, name=name, organization=row))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            engine = create_async_engine(url)
            Session = async_sessionmaker(engine)
            await create_rows(engine, Session)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
            await engine.dispose()


asyncio.run(main())
