# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `8s2b` says about lost connections, each sentence asserted by a run with each pool."""

import asyncio
import os
import tempfile

from sqlalchemy import String, select, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

# How another connection has the server close this one: its own number, and the command.
CLOSING = {
    "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
    "mysql": ("SELECT connection_id()", "KILL {}"),
}


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def refused(call, raised=PendingRollbackError):
    """The error that `await call` raises, which has to be of this class."""
    try:
        await call
    except (
        PendingRollbackError,
        DBAPIError,
        TimeoutError,
        asyncio.CancelledError,
    ) as error:
        assert isinstance(error, raised), error
        return error
    raise AssertionError("the call was not refused")


async def refused_until_rollback(session):
    """Each further statement and the commit raise 8s2b; after `rollback()` the session works again."""
    for call in (session.scalar(select(User)), session.commit()):
        said = str(await refused(call))
        assert "Can't reconnect until invalid transaction is rolled back" in said
        assert said.endswith("/8s2b)")
    await session.rollback()
    assert (await session.get_one(User, 1)).name == "alice"


async def too_slow(session):
    """A query with a deadline that has passed."""
    async with asyncio.timeout(0):
        await session.scalar(select(User.name))


async def cut_off(Session):
    """After a timeout or a cancelled task has cut off a statement, the next one raises 8s2b."""
    async with Session() as session:
        await session.get_one(User, 1)
        await refused(too_slow(session), TimeoutError)
        await refused_until_rollback(session)
    async with Session() as session:
        await session.get_one(User, 1)
        task = asyncio.create_task(session.scalar(select(User.name)))
        await asyncio.sleep(0)
        task.cancel()
        await refused(task, asyncio.CancelledError)
        await refused_until_rollback(session)
    return "8s2b until rollback(), after a timeout and after a cancelled task"


async def closed_by_server(Session):
    """If the server closes the connection, a statement raises the driver's error and the next one 8s2b."""
    async with Session() as session, Session() as other:
        dialect = session.bind.dialect
        if dialect.name == "sqlite":
            return "SQLite has no server to close it"
        number, close = CLOSING[dialect.name]
        await other.execute(text(close.format(await session.scalar(text(number)))))
        error = await refused(session.scalar(select(User)), DBAPIError)
        assert error.connection_invalidated
        if dialect.driver == "psycopg":
            assert "terminating connection" in str(error)
        await refused_until_rollback(session)
    return "the driver's error, then 8s2b until rollback()"


async def invalidated(Session):
    """After `invalidate()` on its connection, the session raises 8s2b."""
    async with Session() as session:
        await session.get_one(User, 1)
        await (await session.connection()).invalidate()
        await refused_until_rollback(session)
    return "8s2b until rollback()"


async def create_rows(engine, Session):
    """Alice, in an empty table."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice"))
        await session.commit()


FACTS = (cut_off, closed_by_server, invalidated)
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
        Session = async_sessionmaker(engine)
        await create_rows(engine, Session)
        seen.add(await fact(Session))
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
