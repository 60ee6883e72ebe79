# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1", "psycopg[binary]>=3.3,<4", "aiosqlite>=0.22,<1", "fastapi>=0.165,<1", "httpx>=0.28,<1"]
# ///
"""What the page `another-operation` says beyond its example, with asyncpg, each sentence asserted by a run."""

import asyncio
import gc
import os
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Annotated

import httpx
from asyncpg import InterfaceError as AsyncpgError
from fastapi import Depends, FastAPI
from sqlalchemy import String, func, make_url, select
from sqlalchemy.exc import InterfaceError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
BUSY = "cannot perform operation: another operation is in progress"
LEFT_OPEN = "cannot use Connection.transaction() in a manually started transaction"


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


COUNT = select(func.count(User.id))


async def refused(call, expected, message):
    """The error with this message that awaiting `call()` raises, whose class is `expected`."""
    try:
        await call()
    except (InterfaceError, AsyncpgError, InvalidRequestError, RuntimeError) as error:
        assert type(error) is expected and message in str(error), error
        return error
    raise AssertionError("the call was not refused")


@asynccontextmanager
async def empty_tables(url=URL):
    """An engine and an empty table."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()
    # A connection that was given up keeps its locks until it is collected.
    gc.collect()


async def meanwhile(session, name, *arguments):
    """A method of a session in a transaction, awaited while another task runs a query on the session."""
    session.add(User(name="alice"))
    await session.flush()
    counting = asyncio.create_task(session.scalar(COUNT))
    await asyncio.sleep(0)
    call = asyncio.create_task(getattr(session, name)(*arguments))
    await counting
    return await call


async def which_calls():
    """Two statements queue up; `commit()`, `rollback()` and `close()` are refused during another's statement."""
    async with empty_tables() as engine, AsyncSession(engine) as session:
        assert await meanwhile(session, "scalar", COUNT) == 1
    for name in "commit", "rollback", "close":
        async with empty_tables() as engine:
            session = AsyncSession(engine)
            await refused(partial(meanwhile, session, name), InterfaceError, BUSY)
            await session.close()
    return "a second SELECT waited; commit(), rollback() and close() were refused"


async def other_drivers():
    """With aiosqlite and psycopg the commit is not refused."""
    psycopg = make_url(URL).set(drivername="postgresql+psycopg")
    for url in "sqlite+aiosqlite://", psycopg:
        async with empty_tables(url) as engine, AsyncSession(engine) as session:
            await meanwhile(session, "commit")
            assert await session.scalar(COUNT) == 1
    return "no error with aiosqlite and psycopg"


async def requests(get_session):
    """The errors of ten requests at once, each of which commits after a query."""
    app = FastAPI()
    SLOW = select(func.pg_sleep(0.01))

    @app.post("/")
    async def post(session: Annotated[AsyncSession, Depends(get_session)]):
        await session.execute(SLOW)
        await session.commit()

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post("/")
        calls = (client.post("/") for _ in range(10))
        answers = await asyncio.gather(*calls, return_exceptions=True)
    return [answer for answer in answers if isinstance(answer, Exception)]


async def under_load():
    """Requests that share a session raise it if they come at once; with a session for each, none does."""
    async with empty_tables() as engine:
        shared = AsyncSession(engine)

        async def get_shared():
            yield shared

        async def get_session():
            async with AsyncSession(engine) as session:
                yield session

        errors = await requests(get_shared)
        assert any(BUSY in str(error) for error in errors), errors
        with suppress(InterfaceError, InvalidRequestError):
            await shared.close()
        await engine.dispose()
        assert await requests(get_session) == []
    return f"shared: {BUSY}; a session for each: no error"


async def different_loop():
    """After `attached to a different loop`, each later call raises it, with no two tasks at work."""

    def one_loop_after_another():
        engine = create_async_engine(URL)

        async def count():
            async with engine.connect() as connection:
                return await connection.scalar(select(1))

        asyncio.run(count())
        asyncio.run(refused(count, RuntimeError, "attached to a different loop"))
        for _ in range(2):
            asyncio.run(refused(count, InterfaceError, BUSY))

    await asyncio.to_thread(one_loop_after_another)
    return "attached to a different loop, then twice another operation is in progress"


async def left_open():
    """After a refused COMMIT or ROLLBACK, each later session on that connection is refused."""
    for name in "commit", "rollback":
        async with empty_tables() as engine:
            async with AsyncSession(engine) as session:
                await refused(partial(meanwhile, session, name), InterfaceError, BUSY)
            for _ in range(2):
                async with AsyncSession(engine) as later:
                    await refused(
                        lambda: later.scalar(COUNT), InterfaceError, LEFT_OPEN
                    )
    return f"after COMMIT and after ROLLBACK, twice each: {LEFT_OPEN}"


async def raw_connection():
    """Two tasks on the raw connection get asyncpg's own InterfaceError."""
    async with empty_tables() as engine, engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        first = asyncio.create_task(raw.fetchval("SELECT 1"))
        await asyncio.sleep(0)
        error = await refused(lambda: raw.fetchval("SELECT 2"), AsyncpgError, BUSY)
        await first
    return f"{type(error).__module__.split('.')[0]}: {error}"


async def made_earlier():
    """If the session has no connection yet, the second task raises `This session is provisioning`."""
    async with empty_tables() as engine, AsyncSession(engine) as session:
        await engine.dispose()
        counting = asyncio.create_task(session.scalar(COUNT))
        await asyncio.sleep(0)
        error = await refused(
            session.commit, InvalidRequestError, "This session is provisioning"
        )
        await counting
    return f"{str(error).partition(';')[0]} ({error.code})"


FACTS = (
    which_calls,
    other_drivers,
    under_load,
    different_loop,
    left_open,
    raw_connection,
    made_earlier,
)


async def main():
    for fact in FACTS:
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")


asyncio.run(main())
