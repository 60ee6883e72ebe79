# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1", "psycopg[binary]>=3.3,<4"]
# ///
"""What the page `manual-transaction` says beyond its examples, with asyncpg, each sentence asserted by a run."""

import asyncio
import os
from contextlib import asynccontextmanager

from asyncpg import InterfaceError as AsyncpgError
from sqlalchemy import NullPool, String, func, insert, make_url, select, text
from sqlalchemy.exc import InterfaceError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
MESSAGE = "cannot use Connection.transaction() in a manually started transaction"


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


COUNT = select(func.count(User.id))
ALICE = insert(User).values(name="alice")


async def refused(call, expected):
    """The error with this message that awaiting `call()` raises, whose class is `expected`."""
    try:
        await call()
    except (InterfaceError, AsyncpgError) as error:
        assert type(error) is expected and MESSAGE in str(error), error
        return error
    raise AssertionError("the call was not refused")


@asynccontextmanager
async def empty_tables(url=URL, **options):
    """An engine and an empty table."""
    engine = create_async_engine(url, **options)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


async def driver_connection(connection):
    """The driver's own connection behind SQLAlchemy's."""
    return (await connection.get_raw_connection()).driver_connection


async def leave_open(engine):
    """A BEGIN without its COMMIT, under AUTOCOMMIT."""
    async with AsyncSession(
        engine.execution_options(isolation_level="AUTOCOMMIT")
    ) as session:
        await session.execute(text("BEGIN"))
        await session.execute(ALICE)


async def whose_begin():
    """A BEGIN on asyncpg's connection leads to it; a `text("BEGIN")` does under AUTOCOMMIT, not in SQLAlchemy's transaction."""
    async with empty_tables() as engine:
        async with engine.connect() as connection:
            driver = await driver_connection(connection)
            await driver.execute("BEGIN")
            await refused(lambda: connection.scalar(COUNT), InterfaceError)
            await driver.execute("ROLLBACK")
        async with engine.connect() as connection:
            await connection.execute(text("BEGIN"))
            assert await connection.scalar(COUNT) == 0
        await leave_open(engine)
        async with AsyncSession(engine) as session:
            await refused(lambda: session.scalar(COUNT), InterfaceError)
    return "asyncpg's execute('BEGIN') and text('BEGIN') under AUTOCOMMIT: refused; text('BEGIN') otherwise: no error"


async def later_sessions():
    """Each later session on the connection fails; with pre-ping, one does; after `dispose()` and with NullPool, none does."""
    async with empty_tables() as engine:
        await leave_open(engine)
        for _ in range(3):
            async with AsyncSession(engine) as session:
                await refused(lambda: session.scalar(COUNT), InterfaceError)
        await engine.dispose()
        async with AsyncSession(engine) as session:
            assert await session.scalar(COUNT) == 0
    async with empty_tables(pool_pre_ping=True) as engine:
        await leave_open(engine)
        async with AsyncSession(engine) as session:
            await refused(lambda: session.scalar(COUNT), InterfaceError)
        async with AsyncSession(engine) as session:
            assert await session.scalar(COUNT) == 0
    async with empty_tables(poolclass=NullPool) as engine:
        await leave_open(engine)
        async with AsyncSession(engine) as session:
            assert await session.scalar(COUNT) == 0
    return "refused: three of three sessions; with pre-ping: the first; after dispose() and with NullPool: none"


async def own_call():
    """If your own code calls `transaction()`, the class is asyncpg's own."""
    async with empty_tables() as engine, engine.connect() as connection:
        driver = await driver_connection(connection)
        await driver.execute("BEGIN")
        error = await refused(driver.transaction().start, AsyncpgError)
        await driver.execute("ROLLBACK")
    return f"{type(error).__module__.split('.')[0]}: {error}"


async def before_the_first_statement():
    """SQLAlchemy's BEGIN comes with its first statement, so what the driver does before is saved in spite of a rollback."""
    counts = []
    for calls in ["driver"], ["scalar", "driver"]:
        async with empty_tables() as engine, engine.connect() as connection:
            driver = await driver_connection(connection)
            for call in calls:
                if call == "scalar":
                    await connection.scalar(COUNT)
                else:
                    await driver.execute("INSERT INTO users (name) VALUES ('alice')")
            await connection.rollback()
            counts.append(await connection.scalar(COUNT))
    assert counts == [1, 0]
    return "rows after rollback(): 1 if the driver came first, 0 if a SELECT of SQLAlchemy did"


async def savepoint():
    """After SQLAlchemy's first statement, `driver.transaction()` is a savepoint in its transaction."""
    async with empty_tables() as engine, engine.connect() as connection:
        driver = await driver_connection(connection)
        await connection.scalar(COUNT)
        async with driver.transaction():
            await driver.execute("INSERT INTO users (name) VALUES ('alice')")
        inside = await connection.scalar(COUNT)
        await connection.rollback()
        assert (inside, await connection.scalar(COUNT)) == (1, 0)
    return "rows before the rollback: 1; after it: 0"


async def psycopg():
    """psycopg runs the same BEGIN without an error."""
    url = make_url(URL).set(drivername="postgresql+psycopg")
    async with empty_tables(url) as engine, engine.connect() as connection:
        driver = await driver_connection(connection)
        await driver.execute("BEGIN")
        assert await connection.scalar(COUNT) == 0
    return "no error with psycopg"


FACTS = (
    whose_begin,
    later_sessions,
    own_call,
    before_the_first_statement,
    savepoint,
    psycopg,
)


async def main():
    for fact in FACTS:
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")


asyncio.run(main())
