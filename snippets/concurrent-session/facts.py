# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `concurrent-session` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile

from sqlalchemy import String, select, text
from sqlalchemy.exc import (
    IllegalStateChangeError,
    InterfaceError,
    InvalidRequestError,
    OperationalError,
)
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


PROVISIONING = "This session is provisioning a new connection"


async def refused(call, expected, message):
    """The error with this message that awaiting `call()` raises, whose class is `expected`."""
    try:
        await call()
    except (
        InvalidRequestError,
        RuntimeError,
        InterfaceError,
        OperationalError,
        ExceptionGroup,
        ValueError,
    ) as error:
        assert type(error) is expected and message in str(error), error
        return error
    raise AssertionError("the call was not refused")


def two_reads(session):
    """Two tasks that read, and nothing else, on one session."""
    return [asyncio.create_task(session.execute(select(User))) for _ in range(2)]


async def codes(engine, Session):
    """The code is `isce`; `Session is already flushing` has none."""
    await engine.dispose()
    async with Session() as session:
        first, second = two_reads(session)
        reading = await refused(lambda: second, InvalidRequestError, PROVISIONING)
        await first
    async with Session() as session:
        await session.connection()
        session.add(User(name="bob"))
        saving = asyncio.create_task(session.flush())
        await asyncio.sleep(0)
        flushing = await refused(
            session.flush, InvalidRequestError, "Session is already flushing"
        )
        await saving
    assert (reading.code, flushing.code) == ("isce", None)
    return f"provisioning: {reading.code}; already flushing: {flushing.code}"


async def gather(engine, Session):
    """After `gather()` inside `async with`, while a task waits for its connection, `close()` fails and hides the error."""
    tasks = []

    async def block():
        async with session:
            tasks.extend(two_reads(session))
            await asyncio.gather(*tasks)

    session = Session()
    # The only connection of the pool is in use, so the first task waits for it as long as this block lasts.
    async with engine.connect():
        error = await refused(
            block, IllegalStateChangeError, "Method 'close()' can't be called here"
        )
    assert str(error.__context__).startswith(PROVISIONING)
    await asyncio.wait(tasks)
    await session.close()
    return f"{type(error).__name__}, raised while handling: {PROVISIONING}"


async def sessions_outside(engine, Session):
    """If one task fails, `gather()` leaves a block that opened a session for each task, and `close()` is refused as well.
    With TaskGroup, or with a session that each task opens itself, only the task's own error is raised."""

    async def fail():
        raise ValueError("mistake")

    async def read(session):
        return await session.scalar(select(User.name))

    outside, tasks = Session(), []

    async def block():
        async with outside as session:
            tasks.append(asyncio.create_task(read(session)))
            await asyncio.gather(fail(), *tasks)

    async def group():
        async with Session() as session, asyncio.TaskGroup() as group:
            group.create_task(fail())
            group.create_task(read(session))

    async def read_inside():
        async with Session() as session:
            return await read(session)

    async def inside():
        tasks.append(asyncio.create_task(read_inside()))
        await asyncio.gather(fail(), *tasks[1:])

    # The only connection of the pool is in use, so that each task waits for it.
    async with engine.connect():
        error = await refused(
            block, IllegalStateChangeError, "Method 'close()' can't be called here"
        )
        assert str(error.__context__) == "mistake"
        [grouped] = (
            await refused(group, ExceptionGroup, "(1 sub-exception)")
        ).exceptions
        own = await refused(inside, ValueError, "mistake")
        assert str(grouped) == str(own) == "mistake"
    assert await tasks[0] == "alice"
    await outside.close()
    assert await tasks[1] == "alice"
    return f"opened outside: {type(error).__name__}; TaskGroup: ValueError; opened inside: ValueError"


async def intermittent(engine, Session):
    """Two tasks that only read: no error if the session has its connection, or, without pre-ping, if the pool has one."""
    await engine.dispose()
    async with Session() as session:
        first, second = two_reads(session)
        await refused(lambda: second, InvalidRequestError, PROVISIONING)
        await first
        await asyncio.gather(*two_reads(session))
    async with Session() as session:
        await asyncio.gather(*two_reads(session))
    pinging = create_async_engine(engine.url, pool_pre_ping=True)
    async with pinging.connect():
        pass
    async with Session(bind=pinging) as session:
        first, second = two_reads(session)
        await refused(lambda: second, InvalidRequestError, PROVISIONING)
        await first
    await pinging.dispose()
    return "an empty pool: refused; a session with a connection, or a pool with one: no error; pre-ping: refused"


SLOW = {"mysql": "SELECT SLEEP(0.1)", "postgresql": "SELECT pg_sleep(0.1)"}
REFUSES_COMMIT = {
    "asyncpg": (InterfaceError, "another operation is in progress"),
    "asyncmy": (OperationalError, "(2014, 'Command Out of Sync')"),
    "aiomysql": (
        RuntimeError,
        "readexactly() called while another coroutine is already waiting for incoming data",
    ),
}


async def commit_during_a_query(engine, Session):
    """`commit()` during another task's query: each driver words it in its own way; aiosqlite and psycopg don't mind."""
    driver = engine.dialect.driver
    slow = text(SLOW.get(engine.dialect.name, "SELECT 1"))
    session = Session()
    await session.execute(select(User))
    query = asyncio.create_task(session.execute(slow))
    await asyncio.sleep(0)
    if driver in REFUSES_COMMIT:
        expected, message = REFUSES_COMMIT[driver]
        await refused(session.commit, expected, message)
        seen = f"{expected.__name__}: {message}"
    else:
        await session.commit()
        seen = "no error"
    query.cancel()
    await asyncio.wait([query])
    await session.close()
    await engine.dispose()
    return f"{driver}: {seen}"


async def cancelled_query(engine, Session):
    """A task that opens its session itself and is cancelled during its query raises CancelledError alone, with each driver."""
    started = asyncio.Event()

    async def handle():
        async with Session() as session, session.begin():
            await session.execute(select(User))
            started.set()
            await session.execute(text(SLOW.get(engine.dialect.name, "SELECT 1")))

    request = asyncio.create_task(handle())
    await started.wait()
    request.cancel()
    [error] = await asyncio.gather(request, return_exceptions=True)
    assert type(error) is asyncio.CancelledError, error
    assert engine.pool.checkedout() == 0
    return "CancelledError; 0 connections in use"


async def generator(engine, Session):
    """After `return` or `break` in `async for`, or after `__anext__()`, the event loop closes the session later, in another task, even while it is in use."""
    closing = []

    async def get_session():
        async with Session() as session:
            try:
                yield session
            finally:
                closing.append(asyncio.current_task())

    async def read():
        async for session in get_session():
            name = await session.scalar(select(User.name))
            break
        return name

    async def find():
        async for session in get_session():
            found = session
            break
        return found

    async def find_by_anext():
        return await get_session().__anext__()

    assert await read() == "alice"
    in_use = engine.pool.checkedout()
    async with asyncio.timeout(5):
        while engine.pool.checkedout():
            await asyncio.sleep(0)
    assert in_use == 1 and closing[0] is not asyncio.current_task()
    loop = asyncio.get_running_loop()
    for find_session in find, find_by_anext:
        logged = []
        loop.set_exception_handler(
            lambda _, context, logged=logged: logged.append(context)
        )
        # The only connection of the pool is in use, so that the session waits for it.
        async with engine.connect(), asyncio.timeout(5):
            session = await find_session()
            query = asyncio.create_task(session.execute(select(User)))
            while not logged:
                await asyncio.sleep(0)
                closing.clear()
        loop.set_exception_handler(None)
        await query
        await session.close()
        [context] = logged
        assert context["message"] == "Task exception was never retrieved"
        error = context["exception"]
        assert isinstance(error, IllegalStateChangeError)
        assert str(error).startswith("Method 'close()' can't be called here")
    return "1 connection in use after the return; returned session: IllegalStateChangeError in another task"


FACTS = (
    codes,
    gather,
    sessions_outside,
    intermittent,
    commit_during_a_query,
    cancelled_query,
    generator,
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
        engine = create_async_engine(url, pool_size=1, max_overflow=0)
        Session = async_sessionmaker(engine)
        for fact in FACTS:
            await create_rows(engine, Session)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(engine, Session)}")
        await engine.dispose()


asyncio.run(main())
