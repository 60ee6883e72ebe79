# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `xd3s` says about inspect(), each sentence asserted by a run with each pool."""

import asyncio
import os
import tempfile
import traceback

from sqlalchemy import MetaData, String, inspect
from sqlalchemy.exc import MissingGreenlet, NoInspectionAvailable, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def refused(call, inner_class=NoInspectionAvailable):
    """What the error of `call()` says, of this class or wrapping one, and the functions in its traceback."""
    try:
        call()
    except (NoInspectionAvailable, MissingGreenlet, StatementError) as error:
        inner = getattr(error, "orig", None) or error
        assert type(inner) is inner_class, error
        return str(error), {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the call was not refused")


async def async_engine(engine):
    """`inspect(engine)`, and `reflect(engine)`, which calls it: `Inspection on an AsyncEngine`."""
    said, _ = refused(lambda: inspect(engine))
    of_reflect, frames = refused(lambda: MetaData().reflect(engine))
    assert said.startswith("Inspection on an AsyncEngine is currently not supported")
    assert said.endswith("/xd3s)")
    assert of_reflect == said
    assert "inspect" in frames
    return "Inspection on an AsyncEngine, by inspect() and by reflect()"


async def async_connection(engine):
    """`inspect(connection)`: `Inspection on an AsyncConnection`."""
    async with engine.connect() as connection:
        said, _ = refused(lambda: inspect(connection))
    assert said.startswith("Inspection on an AsyncConnection is currently not")
    assert said.endswith("/xd3s)")
    return "Inspection on an AsyncConnection"


async def unknown_object(engine):
    """An object that SQLAlchemy doesn't know, a session among them: another text, without a code."""
    coroutine = asyncio.sleep(0)
    async with AsyncSession(engine) as session:
        texts = [refused(lambda o=o: inspect(o))[0] for o in (session, coroutine)]
    await coroutine
    for said in texts:
        assert said.startswith("No inspection system is available for object of type")
        assert "sqlalche.me" not in said
    return "No inspection system is available, for a session and for a coroutine"


async def inside_run_sync(engine):
    """Inside `await connection.run_sync(…)`, `inspect()` works."""
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert "users" in names
    return "get_table_names() found users"


async def sync_engine(engine):
    """With `engine.sync_engine`, `create_all()` and the inspector raise MissingGreenlet."""
    sync = engine.sync_engine
    refused(lambda: Base.metadata.create_all(sync), MissingGreenlet)
    refused(lambda: inspect(sync).get_table_names(), MissingGreenlet)
    return "MissingGreenlet, by create_all() and by get_table_names()"


async def create_table(engine):
    """An empty table of users."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


FACTS = (async_engine, async_connection, unknown_object, inside_run_sync, sync_engine)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def seen_with_each_pool(fact, url):
    """What a fact saw, which has to be the same with each pool."""
    seen = set()
    for options in POOLS.values():
        engine = create_async_engine(url, **options)
        await create_table(engine)
        seen.add(await fact(engine))
        await engine.dispose()
    assert len(seen) == 1, seen
    return f"{seen.pop()} ({', '.join(POOLS)})"


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            seen = await seen_with_each_pool(fact, url)
            print(f"{fact.__name__.replace('_', '-')}: {seen}")


asyncio.run(main())
