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


async def generator(engine, Session):
    """After `return` or `break` in `async for`, the event loop closes the session later, in another task, even while it is in use."""
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

    assert await read() == "alice"
    in_use = engine.pool.checkedout()
    async with asyncio.timeout(5):
        while engine.pool.checkedout():
            await asyncio.sleep(0)
    assert in_use == 1 and closing[0] is not asyncio.current_task()
    closing.clear()
    logged = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: logged.append(context))
    await engine.dispose()
    session = await find()
    await session.execute(select(User))
    closing.clear()
    async with asyncio.timeout(5):
        while not logged:
            await asyncio.sleep(0)
    loop.set_exception_handler(None)
    await session.close()
    [context] = logged
    assert context["message"] == "Task exception was never retrieved"
    assert isinstance(context["exception"], IllegalStateChangeError)
    assert str(context["exception"]).startswith("Method 'close()' can't be called here")
    return "1 connection in use after the return; returned session: IllegalStateChangeError in another task"


FACTS = (codes, gather, intermittent, commit_during_a_query, generator)


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
