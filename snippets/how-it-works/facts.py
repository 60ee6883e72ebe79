# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1", "greenlet>=3.5,<4"]
# ///
"""What the page says about the greenlet beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import threading
import traceback

from greenlet import getcurrent
from sqlalchemy import String, event, select
from sqlalchemy.exc import IntegrityError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.util import await_only


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def refused(read):
    """The error that `read()` raises for want of a greenlet, and the functions in its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the call was not refused")


def in_greenlet():
    """Whether this runs in another greenlet than the event loop's, which has no parent."""
    return getcurrent().parent is not None


async def same_task(Session):
    """A greenlet runs in the same thread and the same task as the coroutine."""

    def here(_=None):
        return threading.get_ident(), asyncio.current_task(), in_greenlet()

    async with Session() as session:
        thread, task, inside = await session.run_sync(here)
    assert (thread, task) == here()[:2]
    assert (inside, here()[2]) == (True, False)
    return "same thread, same task, another greenlet"


async def ends_with_call(Session):
    """The greenlet ends with the call that started it; the next call starts another one."""
    async with Session() as session:
        first = await session.run_sync(lambda _: getcurrent())
        second = await session.run_sync(lambda _: getcurrent())
    assert first is not second
    assert first.dead
    assert second.dead
    return "two calls, two greenlets, both ended"


async def listeners(Session):
    """Event listeners run in the greenlet of the call that they belong to."""
    seen = []
    async with Session() as session:
        bind = session.bind.sync_engine
        event.listen(
            bind, "before_cursor_execute", lambda *_: seen.append(in_greenlet())
        )
        event.listen(User, "load", lambda *_: seen.append(in_greenlet()), once=True)
        await session.scalar(select(User))
    assert seen == [True, True]
    return "before_cursor_execute and load: in the greenlet"


async def coroutine_outside(Session):
    """The coroutine that is handed to `await_` runs outside of the greenlet, in the loop's lane."""

    async def coroutine():
        return in_greenlet()

    async with Session() as session:
        found = await session.run_sync(
            lambda _: (in_greenlet(), await_only(coroutine()))
        )
    assert found == (True, False)
    return "the function in the greenlet, the coroutine outside"


async def thrown_in(Session):
    """What the driver raises is raised in the greenlet, where sync code can catch it."""

    def add_twice(session):
        session.add(User(id=1, name="bob"))
        try:
            session.flush()
        except IntegrityError:
            return in_greenlet()

    async with Session() as session:
        caught = await session.run_sync(add_twice)
    assert caught is True
    return "IntegrityError caught in the greenlet"


async def not_started(_):
    """`await_` raises before it switches: the coroutine that it was given doesn't begin."""
    begun = []

    async def coroutine():
        begun.append(True)

    refused(lambda: await_only(coroutine()))
    await asyncio.sleep(0)
    assert begun == []
    return "refused, and the coroutine didn't begin"


async def ways_in(Session):
    """Each awaited method in the table does its work in a greenlet."""
    seen = []
    engine = Session.kw["bind"]
    sync = engine.sync_engine
    for name in ("before_cursor_execute", "commit", "rollback"):
        event.listen(sync, name, lambda *_: seen.append(in_greenlet()))
    event.listen(sync.pool, "checkin", lambda *_: seen.append(in_greenlet()))

    async def worked(awaitable):
        seen.clear()
        result = await awaitable
        assert seen, awaitable
        assert all(seen), awaitable
        return result

    async with Session() as session:
        user = await worked(session.scalar(select(User)))
        await worked(session.refresh(user))
        await worked(session.commit())
        await worked(user.awaitable_attrs.name)
        await worked(session.get(User, 1, populate_existing=True))
        await worked(session.run_sync(lambda session: session.scalar(select(User))))
        await worked(session.rollback())
        await worked(session.execute(select(User)))
        await worked(session.close())
    connection = await engine.connect()
    await worked(connection.execute(select(User)))
    stream = await worked(connection.stream(select(User)))
    assert len(await stream.fetchall()) == 1
    await worked(connection.commit())
    await worked(connection.execute(select(User)))
    await worked(connection.close())
    return "session, connection, awaitable_attrs: all in a greenlet"


FACTS = (
    same_task,
    ends_with_call,
    listeners,
    coroutine_outside,
    thrown_in,
    not_started,
    ways_in,
)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        Session = async_sessionmaker(engine)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with Session() as session, session.begin():
            session.add(User(id=1, name="alice"))
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
        await engine.dispose()


asyncio.run(main())
