# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `scoped-session` says beyond its examples, each sentence asserted by a run."""

import asyncio
import gc
import os
import tempfile
import warnings

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import String, func, select
from sqlalchemy.exc import InvalidRequestError, SADeprecationWarning
from sqlalchemy.ext.asyncio import (
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


COUNT = select(func.count(User.id))


async def refused(call, expected):
    """The error that awaiting `call()` raises, whose class is `expected`."""
    try:
        await call()
    except (AttributeError, InvalidRequestError, RuntimeError, TypeError) as error:
        assert type(error) is expected, error
        return error
    raise AssertionError("the call was not refused")


def by_thread(engine):
    """The registry that is meant for `Session`: one session per thread."""
    return scoped_session(async_sessionmaker(engine))


def by_task(engine):
    """The registry that is meant for `AsyncSession`: here, one session per task."""
    return async_scoped_session(
        async_sessionmaker(engine), scopefunc=asyncio.current_task
    )


async def remove_closes_nothing(engine):
    """`remove()` calls `close()` without awaiting it, so the connection is still in use; `await Session.close()` returns it."""
    Session = by_thread(engine)
    await Session.scalar(COUNT)
    session = Session()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Session.remove()
        gc.collect()
    texts = [str(warning.message) for warning in caught]
    assert "coroutine 'AsyncSession.close' was never awaited" in texts
    assert caught[0].filename.endswith("scoping.py")
    after_remove = engine.pool.checkedout()
    await session.close()
    await Session.scalar(COUNT)
    await Session.close()
    assert (after_remove, engine.pool.checkedout()) == (1, 0)
    return "connections in use after remove(): 1; after await Session.close(): 0"


async def one_session_for_all_tasks(engine):
    """All tasks of a thread get the same session from `scoped_session`; by task, each gets its own."""

    async def session_of(Session):
        return Session()

    Session = by_thread(engine)
    shared = await asyncio.gather(*(session_of(Session) for _ in range(2)))
    Session = by_task(engine)
    own = await asyncio.gather(*(session_of(Session) for _ in range(2)))
    assert shared[0] is shared[1] and own[0] is not own[1]
    return "two tasks, scoped_session: 1 session; async_scoped_session: 2 sessions"


async def tasks_meet(engine):
    """Two tasks that use it at the same time get the errors of one session in several tasks."""
    await engine.dispose()
    Session = by_thread(engine)
    first, second = (asyncio.create_task(Session.scalar(COUNT)) for _ in range(2))
    error = await refused(lambda: second, InvalidRequestError)
    await first
    await Session.close()
    assert str(error).startswith("This session is provisioning a new connection")
    assert error.code == "isce"
    return f"{str(error).partition(';')[0]} ({error.code})"


async def deprecated(engine):
    """`async with Session()` works, and the call warns that `scoped_session` with asyncio is deprecated."""
    Session = by_thread(engine)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with Session() as session:
            count = await session.scalar(COUNT)
    assert count == 1
    (warning,) = caught
    assert warning.category is SADeprecationWarning
    expected = "Using `scoped_session` with asyncio is deprecated"
    assert str(warning.message).startswith(expected)
    return expected


async def scopefunc(engine):
    """`async_scoped_session` needs a `scopefunc`."""

    async def without():
        async_scoped_session(async_sessionmaker(engine))

    error = await refused(without, TypeError)
    assert "missing 1 required positional argument: 'scopefunc'" in str(error)
    return str(error).partition(" ")[2]


async def each_task_removes(engine):
    """A task that doesn't call `remove()` leaves its session in the registry, with its connection."""
    Session = by_task(engine)

    async def count(removes):
        await Session.scalar(COUNT)
        if removes:
            await Session.remove()

    await asyncio.create_task(count(removes=True))
    removed = len(Session.registry.registry), engine.pool.checkedout()
    await asyncio.create_task(count(removes=False))
    gc.collect()
    left = len(Session.registry.registry), engine.pool.checkedout()
    for session in Session.registry.registry.values():
        await session.close()
    assert (removed, left) == ((0, 0), (1, 1))
    return "sessions and connections after remove(): 0 and 0; without it: 1 and 1"


async def child_tasks(engine):
    """A task that you start gets another session, and doesn't see what you haven't committed."""
    Session = by_task(engine)
    bob = User(name="bob")
    Session.add(bob)
    await Session.flush()
    own = [user.name for user in Session.identity_map.values()]

    async def names():
        seen = [user.name for user in Session.identity_map.values()]
        await Session.remove()
        return seen

    child = await asyncio.create_task(names())
    assert (own, child) == ([bob.name], [])
    await Session.remove()
    return "objects in the session: bob; in that of the task that it started: none"


async def middleware(engine):
    """A `@app.middleware("http")` function runs in another task than the endpoint, whose session its `remove()` leaves open."""
    Session, tasks = by_task(engine), []
    app = FastAPI()

    @app.middleware("http")
    async def remove_in_middleware(request, call_next):
        response = await call_next(request)
        tasks.append(asyncio.current_task())
        await Session.remove()
        return response

    async def remove_in_dependency():
        yield
        await Session.remove()

    @app.get("/middleware")
    async def count() -> int:
        tasks.append(asyncio.current_task())
        return await Session.scalar(COUNT)

    app.get("/dependency", dependencies=[Depends(remove_in_dependency)])(count)

    in_use = {}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://a") as client:
        for path in ("dependency", "middleware"):
            assert (await client.get(f"/{path}")).json() == 1
            in_use[path] = engine.pool.checkedout()
    for session in Session.registry.registry.values():
        await session.close()
    endpoint, middleware = tasks[-2:]
    assert endpoint is not middleware
    assert in_use == {"dependency": 0, "middleware": 1}
    return f"connections in use after remove(): {in_use}"


async def context_manager(engine):
    """`async with Session` is a TypeError: call it."""
    Session = by_task(engine)

    async def without_call():
        async with Session:
            raise AssertionError("the block was entered")

    error = await refused(without_call, TypeError)
    expected = "'async_scoped_session' object does not support the asynchronous context manager protocol"
    assert str(error).startswith(expected)
    async with Session() as session:
        assert await session.scalar(COUNT) == 1
    await Session.remove()
    return expected


FACTS = (
    remove_closes_nothing,
    one_session_for_all_tasks,
    tasks_meet,
    deprecated,
    scopefunc,
    each_task_removes,
    child_tasks,
    middleware,
    context_manager,
)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            engine = create_async_engine(url)
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            async with async_sessionmaker(engine)() as session:
                session.add(User(name="alice"))
                await session.commit()
            print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
            await engine.dispose()


asyncio.run(main())
