# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "anyio>=4,<5",
#   "fastapi-pagination>=0.16,<1",
#   "polyfactory>=3.5,<4",
# ]
# ///
"""What the page `connection-not-returned` says beyond its example, each sentence asserted by a run."""

import asyncio
import gc
import logging
import os
import threading
import warnings

import anyio
from fastapi_pagination import Page, Params, set_page, set_params
from fastapi_pagination.ext.sqlalchemy import apaginate
from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory
from sqlalchemy import String, event, select, text
from sqlalchemy.exc import OperationalError, SAWarning, TimeoutError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import AsyncAdaptedQueuePool, StaticPool

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
QUERY = text("SELECT 42")
SLOW = {"mysql": "SELECT SLEEP(0.1)", "postgresql": "SELECT pg_sleep(0.1)"}
# What SQLite needs some time for.
COUNT = """WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 500000)
SELECT COUNT(*) FROM counted"""
WARNING = "The garbage collector is trying to clean up non-checked-in connection"


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


async def refused(call, expected):
    """The message of the error of an expected class that awaiting `call` raises."""
    try:
        await call
    except expected as error:
        return str(error)
    raise AssertionError("the call was not refused")


def new_engine(**options):
    return create_async_engine(URL, poolclass=AsyncAdaptedQueuePool, **options)


async def leave_open(engine, query=QUERY):
    await AsyncSession(engine).scalar(query)


async def use_block(engine, query=QUERY):
    async with AsyncSession(engine) as session:
        return await session.scalar(query)


async def use_close(engine):
    session = AsyncSession(engine)
    try:
        return await session.scalar(QUERY)
    finally:
        await session.close()


def collect():
    """The warnings that the garbage collector causes."""
    with warnings.catch_warnings(record=True, action="always") as caught:
        gc.collect()
    caught = [warning for warning in caught if warning.category is SAWarning]
    assert all(str(warning.message).startswith(WARNING) for warning in caught)
    return caught


async def where():
    """The warning names neither the session nor the line that opened it: it is where Python collected."""
    engine = new_engine()
    await leave_open(engine)
    [warning] = collect()
    assert "AsyncSession" not in str(warning.message)
    opening = leave_open.__code__
    lines = {line for _, _, line in opening.co_lines()}
    assert (warning.filename, warning.lineno) not in {
        (opening.co_filename, line) for line in lines
    }
    await engine.dispose()
    return "no session in the message, and not the line that opened it"


async def connection():
    """`await engine.connect()` without `close()` warns in the same way."""
    engine = new_engine()

    async def leave_connection_open():
        connection = await engine.connect()
        await connection.execute(QUERY)

    await leave_connection_open()
    assert len(collect()) == 1
    await engine.dispose()
    return "1 warning"


async def checked_out():
    """Before the warning the connection counts as checked out, and with a pool of one the next session times out."""
    engine = new_engine(pool_size=1, max_overflow=0, pool_timeout=0.1)
    await leave_open(engine)
    assert engine.pool.checkedout() == 1
    message = await refused(use_block(engine), TimeoutError)
    expected = "QueuePool limit of size 1 overflow 0 reached, connection timed out"
    assert message.startswith(expected)
    assert len(collect()) == 1
    assert engine.pool.checkedout() == 0
    await use_block(engine)
    await engine.dispose()
    return f"{expected}; after the warning, the next session worked"


async def in_memory():
    """With `sqlite+aiosqlite://` all sessions share one connection: when it is cleaned up, the tables are gone."""
    engine = create_async_engine("sqlite+aiosqlite://")
    assert isinstance(engine.pool, StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    users = select(User)
    await use_block(engine, users)
    await leave_open(engine, users)
    assert len(collect()) == 1
    message = await refused(use_block(engine, users), OperationalError)
    assert "no such table: users" in message
    await engine.dispose()
    return "a warning, then no such table: users"


async def costs():
    """Both fixes cost one ROLLBACK, which ends the transaction, and no SELECT more."""
    engine = new_engine()
    sent = []
    for name in ("before_cursor_execute", "rollback", "commit"):
        event.listen(engine.sync_engine, name, lambda *_, name=name: sent.append(name))
    await leave_open(engine)
    assert sent == ["before_cursor_execute"]
    collect()
    for fix in (use_block, use_close):
        sent.clear()
        await fix(engine)
        assert sent == ["before_cursor_execute", "rollback"]
    await engine.dispose()
    return "without: the SELECT; async with and close(): the SELECT and a ROLLBACK"


async def cancelled():
    """A cancelled task returns its connection, by `async with` or `finally`, with asyncio and with anyio's cancel scopes."""
    engine = new_engine()

    async def in_block(started):
        async with AsyncSession(engine) as session:
            await session.scalar(QUERY)
            started.set()
            await asyncio.Event().wait()

    async def in_finally(started):
        session = AsyncSession(engine)
        try:
            await session.scalar(QUERY)
            started.set()
            await asyncio.Event().wait()
        finally:
            await session.close()

    for function in in_block, in_finally:
        started = asyncio.Event()
        task = asyncio.create_task(function(started))
        await started.wait()
        assert engine.pool.checkedout() == 1
        task.cancel()
        await asyncio.wait([task])
        await returned(engine)
        started = asyncio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(function, started)
            await started.wait()
            assert engine.pool.checkedout() == 1
            group.cancel_scope.cancel()
        await returned(engine)
    assert collect() == []
    await engine.dispose()
    return "task.cancel() and cancel_scope.cancel(): 0 checked out, 0 warnings"


async def cancelled_query():
    """A cancel scope that gives up a query leaves no message of the pool, and no connection checked out."""
    engine, started, logged = new_engine(), asyncio.Event(), []
    slow = text(SLOW.get(engine.dialect.name, COUNT))

    async def query():
        async with AsyncSession(engine) as session:
            await session.scalar(QUERY)
            started.set()
            await session.scalar(slow)

    pool_log = logging.getLogger("sqlalchemy.pool")
    handler = logging.Handler()
    handler.emit = logged.append
    pool_log.setLevel(logging.WARNING)
    pool_log.addHandler(handler)
    async with anyio.create_task_group() as group:
        group.start_soon(query)
        await started.wait()
        group.cancel_scope.cancel()
    await returned(engine)
    pool_log.removeHandler(handler)
    pool_log.setLevel(logging.CRITICAL)
    assert logged == [] and collect() == []
    await engine.dispose()
    return "0 messages, 0 checked out, 0 warnings"


async def returned(engine):
    """Wait until the pool has all its connections back."""
    async with asyncio.timeout(5):
        while engine.pool.checkedout():
            await asyncio.sleep(0.01)


async def libraries():
    """polyfactory 3.5 and fastapi-pagination 0.16 close what they open."""
    engine = new_engine(pool_size=1, max_overflow=0)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    new_session = async_sessionmaker(engine, expire_on_commit=False)

    class UserFactory(SQLAlchemyFactory[User]):
        __async_session__ = new_session

    user = await UserFactory.create_async()
    assert engine.pool.checkedout() == 0
    async with new_session() as session:
        with set_page(Page[dict]), set_params(Params()):
            page = await apaginate(
                session,
                select(User),
                transformer=lambda users: [{"name": user.name} for user in users],
            )
    assert page.items == [{"name": user.name}]
    assert engine.pool.checkedout() == 0
    assert collect() == []
    await engine.dispose()
    return "create_async() and apaginate(): 0 checked out, 0 warnings"


async def main():
    # Only `collect()` collects, so that nothing is freed before.
    gc.disable()
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    for fact in (
        where,
        connection,
        checked_out,
        in_memory,
        costs,
        cancelled,
        cancelled_query,
        libraries,
    ):
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            await asyncio.to_thread(thread.join)


asyncio.run(main())
