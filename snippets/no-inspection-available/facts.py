# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `no-inspection-available` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile

from sqlalchemy import MetaData, String, Table, event, inspect
from sqlalchemy.exc import MissingGreenlet, NoInspectionAvailable, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class NotMapped:
    pass


def refused(call, expected=NoInspectionAvailable):
    """The message of the error whose innermost class is the expected one, which `call()` raises."""
    try:
        call()
    except (expected, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, expected), error
        return str(error)
    raise AssertionError("the call was not refused")


async def refused_async(call):
    """The message of the `NoInspectionAvailable` that awaiting `call` raises."""
    try:
        await call
    except NoInspectionAvailable as error:
        return str(error)
    raise AssertionError("the call was not refused")


def count_statements(engine):
    """A list that grows by one with each statement."""
    seen = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: seen.append(1))
    return seen


async def message(engine):
    """The message names what was inspected, and no SQL has been sent."""
    async with engine.connect() as connection:
        sent = count_statements(engine)
        of_engine = refused(lambda: inspect(engine))
        of_connection = refused(lambda: inspect(connection))
    assert of_engine.startswith("Inspection on an AsyncEngine is currently")
    assert of_connection.startswith("Inspection on an AsyncConnection is currently")
    assert sent == []
    return "AsyncEngine; AsyncConnection"


async def reflection(engine):
    """`reflect()`, `Table()` and automap's `prepare()` inspect the engine that they are given."""
    for call in (
        lambda: MetaData().reflect(engine),
        lambda: Table("users", MetaData(), autoload_with=engine),
        lambda: automap_base().prepare(autoload_with=engine),
    ):
        assert refused(call).startswith("Inspection on an AsyncEngine")
    return "reflect(), Table() and prepare(): Inspection on an AsyncEngine"


async def called_too_early(engine):
    """`run_sync(inspect(engine))` calls `inspect()` first."""

    async def call():
        async with engine.connect() as connection:
            await connection.run_sync(inspect(engine))

    said = await refused_async(call())
    assert said.startswith("Inspection on an AsyncEngine")
    return "Inspection on an AsyncEngine"


async def other_objects(engine):
    """The same class says `No inspection system is available` of a coroutine and of a class that is not mapped."""
    nothing = "No inspection system is available for object of type"
    async with AsyncSession(engine) as session:
        not_awaited = session.get(User, 1)
        of_coroutine = refused(lambda: inspect(not_awaited))
        await not_awaited
        of_class = await refused_async(session.get(NotMapped, 1))
    assert of_coroutine == f"{nothing} <class 'coroutine'>"
    assert of_class == f"{nothing} <class 'type'>"
    return f"{nothing} <class 'coroutine'>; … <class 'type'>"


async def session(engine):
    """A session has no inspector, and the connection of a session has one."""
    async with AsyncSession(engine) as session:
        said = await refused_async(session.run_sync(inspect))
        assert "<class 'sqlalchemy.orm.session.Session'>" in said
        tables = await session.run_sync(
            lambda sync: inspect(sync.connection()).get_table_names()
        )
    assert tables == ["users"]
    return f"a Session was refused, session.connection() had {tables}"


async def statements(engine):
    """`run_sync()` sends no statement of its own, and `get_table_names()` sends one."""
    async with engine.connect() as connection:
        sent = count_statements(engine)
        await connection.run_sync(lambda _: None)
        assert len(sent) == 0
        await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert len(sent) == 1
    return "run_sync(): 0; get_table_names(): 1"


async def outside(engine):
    """An inspector of `sync_engine`, or one that `run_sync()` returned, raises MissingGreenlet when it sends SQL."""
    refused(lambda: inspect(engine.sync_engine).get_table_names(), MissingGreenlet)
    async with engine.connect() as connection:
        inspector = await connection.run_sync(inspect)
        refused(inspector.get_table_names, MissingGreenlet)
    return "both MissingGreenlet"


FACTS = (message, reflection, called_too_early, other_objects, session, statements)
# The class of an error may depend on the pool.
FACTS_WITH_EACH_POOL = (outside,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_tables(engine):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        await create_tables(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                await create_tables(engine)
                seen.append(f"{pool}: {await fact(engine)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
