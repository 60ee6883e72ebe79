# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `stream-required` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import tempfile

from sqlalchemy import String, event, select
from sqlalchemy.exc import DBAPIError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.asyncio.exc import AsyncMethodRequired
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


SQLITE = "sqlite+aiosqlite://"
NAMES = select(User.name).order_by(User.id)
STREAMED = NAMES.execution_options(stream_results=True)
MESSAGE = "Can't use the AsyncSession.execute() method with a server-side cursor"
NO_TRANSACTION = {
    "asyncpg": "cursor cannot be created outside of a transaction",
    "psycopg": "DECLARE CURSOR can only be used in transaction blocks",
}
ENDED = {
    "asyncpg": "cursor cannot be created outside of a transaction",
    "psycopg": "does not exist",
}


async def refused(call, expected):
    """The error that awaiting `call()` raises, whose class is `expected`."""
    try:
        await call()
    except Exception as error:
        if not isinstance(error, expected):
            raise
        return error
    raise AssertionError("the call was not refused")


async def which_options(engine):
    """`stream_results` and `yield_per` lead to it, on a statement, a call or an engine, with `execute()` and `scalars()`."""
    streaming = engine.execution_options(stream_results=True)
    async with AsyncSession(engine) as session, AsyncSession(streaming) as by_engine:
        calls = (
            lambda: session.execute(STREAMED),
            lambda: session.scalars(STREAMED),
            lambda: session.execute(NAMES.execution_options(yield_per=1)),
            lambda: session.execute(NAMES, execution_options={"yield_per": 1}),
            lambda: by_engine.execute(NAMES),
        )
        for call in calls:
            error = await refused(call, AsyncMethodRequired)
            assert str(error).startswith(MESSAGE)
        assert await session.scalar(STREAMED) == "alice"
    async with engine.connect() as connection:
        error = await refused(lambda: connection.scalars(STREAMED), AsyncMethodRequired)
        assert str(error).startswith(MESSAGE.replace("AsyncSession", "AsyncConnection"))
    return f"{len(calls)} calls: AsyncMethodRequired; session.scalar(): alice; a connection: AsyncConnection.execute()"


async def after_the_statement(engine):
    """The statement was sent before the error."""
    sent = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
    )
    async with AsyncSession(engine) as session:
        await refused(lambda: session.execute(STREAMED), AsyncMethodRequired)
    assert len(sent) == 1 and sent[0].startswith("SELECT")
    return "1 SELECT sent"


async def plain_for(engine):
    """What `stream()` returns has to be awaited, and then needs `async for`."""
    async with AsyncSession(engine) as session:
        stream = await session.stream(NAMES)

        async def with_for():
            return list(stream)

        error = await refused(with_for, TypeError)
        assert str(error) == "'AsyncResult' object is not iterable"
        await stream.close()
    return str(error)


async def run_sync(engine):
    """In `run_sync()`, `execute()` streams; read after it, the result raises MissingGreenlet."""
    async with AsyncSession(engine) as session:
        names = await session.run_sync(lambda s: s.scalars(STREAMED).all())
    assert names == ["alice", "bob"]
    async with AsyncSession(engine) as session:
        result = await session.run_sync(lambda s: s.scalars(STREAMED))

        async def read():
            return result.all()

        # SQLAlchemy logs that it couldn't close the cursor, which isn't what this fact is about.
        engine.sync_engine.pool.logger.setLevel("CRITICAL")
        await refused(read, MissingGreenlet)
        await session.run_sync(lambda _: result.close())
    return "read inside run_sync(): alice, bob; read after it: MissingGreenlet"


async def autocommit(engine):
    """Under AUTOCOMMIT, `stream()` fails with asyncpg and psycopg, and runs with the other drivers."""
    driver = engine.dialect.driver
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with AsyncSession(autocommit) as session:
        if driver not in NO_TRANSACTION:
            names = await (await session.stream_scalars(NAMES)).all()
            assert names == ["alice", "bob"]
            return "asyncpg and psycopg: refused; the others: alice, bob"
        error = await refused(lambda: session.stream_scalars(NAMES), DBAPIError)
        assert NO_TRANSACTION[driver] in str(error.orig)
        assert (await session.scalars(NAMES)).all() == ["alice", "bob"]
    async with AsyncSession(autocommit) as session:
        await session.connection(
            execution_options={"isolation_level": "READ COMMITTED"}
        )
        assert await (await session.stream_scalars(NAMES)).all() == ["alice", "bob"]
    return "asyncpg and psycopg: refused; the others: alice, bob"


async def commit_in_the_loop(engine):
    """A commit ends the stream: an error with asyncpg and psycopg; with asyncmy and aiomysql the other rows are missing."""
    driver = engine.dialect.driver

    async def read():
        async with AsyncSession(engine) as session:
            users = await session.stream_scalars(
                select(User).order_by(User.id).execution_options(yield_per=1)
            )
            seen = []
            async for user in users:
                seen.append(user.id)
                await session.commit()
            return len(seen)

    if driver in ENDED:
        error = await refused(read, Exception)
        assert ENDED[driver] in str(error), error
    else:
        assert await read() == {"aiosqlite": 2}.get(driver, 1)
    return "aiosqlite: 2 of 2 rows; asyncpg and psycopg: an error; asyncmy and aiomysql: 1 of 2 rows"


FACTS = (
    which_options,
    after_the_statement,
    plain_for,
    run_sync,
    autocommit,
    commit_in_the_loop,
)


async def main():
    url = os.environ.get("DATABASE_URL", SQLITE)
    with tempfile.TemporaryDirectory() as folder:
        for fact in FACTS:
            own_file = f"/{folder}/{fact.__name__}.db"
            engine = create_async_engine(url + own_file if url == SQLITE else url)
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            async with AsyncSession(engine) as session:
                session.add_all([User(name="alice"), User(name="bob")])
                await session.commit()
            print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
            await engine.dispose()


asyncio.run(main())
