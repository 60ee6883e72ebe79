# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `cancelled-task` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile

from sqlalchemy import String, event, func, select, text
from sqlalchemy.exc import (
    DBAPIError,
    MissingGreenlet,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import (
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


SLOW = text("SELECT 'slow'")
NEXT = text("SELECT 42")
COUNT = select(func.count(User.id))
OWN_ID = {
    "postgresql": text("SELECT pg_backend_pid()"),
    "mysql": text("SELECT connection_id()"),
}
SLEEP = {"postgresql": "SELECT pg_sleep(1)", "mysql": "SELECT SLEEP(1)"}
END = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}


def refused(read, expected):
    """The error that `read()` raises, which is `expected` or has it as its `orig`."""
    try:
        read()
    except SQLAlchemyError as error:
        inner = getattr(error, "orig", None)
        assert isinstance(error, expected) or isinstance(inner, expected), error
        return error
    raise AssertionError("the read was not refused")


async def refused_async(call, expected):
    """The error that awaiting `call()` raises, which is `expected`."""
    try:
        await call()
    except (SQLAlchemyError, TimeoutError, asyncio.CancelledError) as error:
        assert isinstance(error, expected), error
        return error
    raise AssertionError("the call was not refused")


async def timeout(session):
    async with asyncio.timeout(0):
        await session.execute(SLOW)


async def wait_for(session):
    await asyncio.wait_for(session.execute(SLOW), 1e-9)


async def cancel(session):
    task = asyncio.create_task(session.execute(SLOW))
    await asyncio.sleep(0)
    task.cancel()
    await task


async def savepoint(session):
    async with session.begin_nested():
        await timeout(session)


async def cut_off(session, how=timeout):
    """Cut off a statement of a session that has its connection."""
    await session.execute(NEXT)
    expected = asyncio.CancelledError if how is cancel else TimeoutError
    await refused_async(lambda: how(session), expected)


async def lost(session):
    """The error of the next statement, which has to be the one of the page."""
    error = await refused_async(lambda: session.execute(NEXT), PendingRollbackError)
    assert error.code == "8s2b", error
    assert str(error).startswith(
        "Can't reconnect until invalid transaction is rolled back"
    )
    return error


async def code(Session):
    """The code is `8s2b`, and the message does not say what was cut off."""
    async with Session() as session:
        await cut_off(session)
        error = await lost(session)
        assert "SELECT" not in str(error)
    return f"{type(error).__name__}, {error.code}, no SQL"


async def other_ways(Session):
    """`wait_for()` and `cancel()` do the same as `timeout()`, and a savepoint does not help."""
    for how in timeout, wait_for, cancel, savepoint:
        async with Session() as session:
            await cut_off(session, how)
            await lost(session)
    return "8s2b after timeout(), wait_for(), cancel() and timeout() in a savepoint"


async def invalidated(Session):
    """The same after `connection.invalidate()`, and after the error of a connection that the server has closed."""
    async with Session() as session:
        connection = await session.connection()
        await connection.invalidate()
        await lost(session)
        name = session.bind.dialect.name
    if name == "sqlite":
        return "8s2b after invalidate(); SQLite has no server"
    async with Session() as session, Session() as other:
        own_id = await session.scalar(OWN_ID[name])
        await other.execute(text(END[name].format(own_id)))
        error = await refused_async(lambda: session.execute(NEXT), DBAPIError)
        assert error.connection_invalidated
        await lost(session)
    return "8s2b after invalidate(), and after the error of the driver"


async def loaded_attributes(Session):
    """Loaded attributes can be read, and `commit()` raises it; but the end of a `begin()` block expires them."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await cut_off(session)
        error = await refused_async(session.commit, PendingRollbackError)
        assert error.code == "8s2b" and user.name == "alice"
    found = []

    async def block(session):
        async with session.begin():
            found.append(await session.get_one(User, 1))
            await timeout(session)

    async with Session() as session:
        await refused_async(lambda: block(session), TimeoutError)
        refused(lambda: found[0].name, MissingGreenlet)
    return "alice after 8s2b from commit(); MissingGreenlet after the begin() block"


CLOSED = {
    "asyncpg": "connection is closed",
    "psycopg": "the connection is closed",
    "asyncmy": "Cancelled during execution",
    "aiomysql": "Cancelled during execution",
}


async def shared(Session):
    """If tasks share the session and one is cancelled, those that wait raise the driver's error; then it is this one."""
    async with Session() as session:
        dialect = session.bind.dialect
        if dialect.name == "sqlite":
            return "SQLite has no server"
        await session.execute(NEXT)
        slow = text(SLEEP[dialect.name])
        tasks = [asyncio.create_task(session.execute(slow)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        first, *others = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(first, asyncio.CancelledError), first
        for error in others:
            assert isinstance(error, DBAPIError), error
            assert CLOSED[dialect.driver] in str(error), error
        await lost(session)
    return f"the others: {CLOSED[dialect.driver]}; then 8s2b"


async def scoped(Session):
    """A scoped session keeps raising it in its task, until `rollback()` or `remove()`."""
    sessions = async_scoped_session(Session, scopefunc=asyncio.current_task)
    await cut_off(sessions())
    for _ in range(2):
        await lost(sessions)
    await sessions.remove()
    assert await sessions.scalar(NEXT) == 42
    await sessions.remove()
    return "8s2b, 8s2b, and 42 after remove()"


async def while_connecting(Session):
    """If the deadline passes while the connection is being opened, the next statement works."""
    async with Session() as session:
        await session.bind.dispose()
        await refused_async(lambda: timeout(session), TimeoutError)
        assert await session.scalar(NEXT) == 42
    return "cut off while connecting; the next statement returned 42"


async def after_rollback(Session):
    """`rollback()` uses no connection; what was flushed is lost, objects are expired, and the session goes on."""
    events = []
    async with Session() as session:
        user = await session.get_one(User, 1)
        session.add(User(name="bob"))
        await session.flush()
        pool = session.bind.pool
        event.listen(pool, "invalidate", lambda *_: events.append("invalidate"))
        event.listen(pool, "checkout", lambda *_: events.append("checkout"))
        await cut_off(session)
        assert events == ["invalidate"]
        await session.rollback()
        assert events == ["invalidate"]
        refused(lambda: user.name, MissingGreenlet)
        assert await session.scalar(COUNT) == 1
        assert events == ["invalidate", "checkout"]
    return "the connection is gone before, another is opened after; alice expired, bob lost"


async def in_memory(_):
    """With aiosqlite, an in-memory database is lost with its connection: the next query finds no table."""
    engine = create_async_engine("sqlite+aiosqlite://")
    Session = async_sessionmaker(engine)
    await create_rows(engine, Session)
    async with Session() as session:
        await cut_off(session)
        await session.rollback()
        error = await refused_async(lambda: session.scalar(COUNT), OperationalError)
        assert "no such table: users" in str(error)
    await engine.dispose()
    return "no such table: users, after rollback()"


FACTS = (
    code,
    other_ways,
    invalidated,
    shared,
    scoped,
    loaded_attributes,
    while_connecting,
    after_rollback,
    in_memory,
)


async def create_rows(engine, Session):
    """A user in an empty table."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice"))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        engine = create_async_engine(url)
        Session = async_sessionmaker(engine)
        for fact in FACTS:
            await create_rows(engine, Session)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
        await engine.dispose()


asyncio.run(main())
