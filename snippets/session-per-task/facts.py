# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `session-per-task` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import tempfile
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import AsyncAdaptedQueuePool, ForeignKey, String, event, select
from sqlalchemy.exc import (
    IntegrityError,
    MissingGreenlet,
    StatementError,
    TimeoutError,
)
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import DetachedInstanceError


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def refused(read, inner=MissingGreenlet):
    """Assert that `read()` raises an error with this class inside it."""
    try:
        read()
    except (inner, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, inner), error
        return
    raise AssertionError("the read was not refused")


def engine_of(url, **options):
    return create_async_engine(url, poolclass=AsyncAdaptedQueuePool, **options)


async def one_connection_each(url):
    """A task that is using its session has one connection; the pool gives out `pool_size` and `max_overflow`."""
    engine = engine_of(url, pool_size=2, max_overflow=1, pool_timeout=60)
    Session = async_sessionmaker(engine)
    in_use, go_on = [], asyncio.Event()

    async def task():
        async with Session() as session:
            await session.scalar(select(1))
            in_use.append(engine.pool.checkedout())
            if len(in_use) == 3:
                go_on.set()
            await go_on.wait()

    await asyncio.gather(*(task() for _ in range(5)))
    assert len(in_use) == 5 and max(in_use) == 3
    await engine.dispose()
    return "5 tasks, pool_size=2, max_overflow=1: at most 3 connections in use"


async def background_task(url):
    """A request's session is open until its background tasks are done; with `scope="function"` it is closed before."""
    engine = engine_of(url)
    app, seen = FastAPI(), []

    async def get_session():
        async with AsyncSession(engine) as session:
            yield session

    async def count(scope):
        async with AsyncSession(engine) as session:
            await session.scalar(select(1))
            seen.append(f"{scope}: {engine.pool.checkedout()}")

    @app.get("/default")
    async def default(
        session: Annotated[AsyncSession, Depends(get_session)], tasks: BackgroundTasks
    ):
        await session.scalar(select(1))
        tasks.add_task(count, "default scope")

    @app.get("/commit")
    async def commit(
        session: Annotated[AsyncSession, Depends(get_session)], tasks: BackgroundTasks
    ):
        await session.scalar(select(1))
        await session.commit()
        tasks.add_task(count, "after a commit")

    @app.get("/function")
    async def function(
        session: Annotated[AsyncSession, Depends(get_session, scope="function")],
        tasks: BackgroundTasks,
    ):
        await session.scalar(select(1))
        tasks.add_task(count, "function scope")

    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path in ("/default", "/commit", "/function"):
            await client.get(path)
    assert seen == ["default scope: 2", "after a commit: 1", "function scope: 1"]
    await engine.dispose()
    return ", ".join(seen)


async def no_shared_objects(url):
    """A second session needs a SELECT for a user that the first has loaded."""
    engine = engine_of(url)
    sent = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
    )
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        mine = await first.get_one(User, 1)
        assert await first.get_one(User, 1) is mine and len(sent) == 1
        assert await second.get_one(User, 1) is not mine and len(sent) == 2
    await engine.dispose()
    return "0 statements for the same session, 1 SELECT for another"


async def own_transactions(url):
    """If the work of one task fails, that of the others is saved."""
    engine = engine_of(url)
    Session = async_sessionmaker(engine)

    async def rename(user_id, name):
        async with Session() as session:
            (await session.get_one(User, user_id)).name = name
            await session.commit()

    calls = rename(1, "alice"), rename(2, "c"), rename(3, "carol")
    results = [
        (await asyncio.gather(call, return_exceptions=True))[0] for call in calls
    ]
    assert isinstance(results[1], IntegrityError) and results[::2] == [None, None]
    async with Session() as session:
        names = (await session.scalars(select(User.name).order_by(User.id))).all()
    assert names == ["alice", "b", "carol"]
    await engine.dispose()
    return "the second failed; saved: alice, b, carol"


async def two_sessions(engine, both_have_one):
    async with AsyncSession(engine) as outer:
        await outer.scalar(select(1))
        await both_have_one.wait()
        async with AsyncSession(engine) as inner:
            await inner.scalar(select(2))


async def two_connections(url):
    """If tasks with a second session have the whole pool, they wait until one of them fails."""
    seen = []
    for pool_size, pool_timeout in ((2, 0.2), (3, 60)):
        options = {"max_overflow": 0, "pool_timeout": pool_timeout}
        engine = engine_of(url, pool_size=pool_size, **options)
        both = asyncio.Barrier(2)
        calls = two_sessions(engine, both), two_sessions(engine, both)
        results = await asyncio.gather(*calls, return_exceptions=True)
        failed = [result for result in results if isinstance(result, TimeoutError)]
        assert bool(failed) == (pool_size == 2), results
        seen.append(f"pool_size={pool_size}: {'failed' if failed else 'passed'}")
        await engine.dispose()
    return f"2 tasks with 2 sessions each, {', '.join(seen)}"


async def detached(url):
    """An object that leaves its session can no longer load an attribute."""
    engine = engine_of(url)
    async with AsyncSession(engine) as session:
        user = await session.get_one(User, 1)
    refused(lambda: user.organization, DetachedInstanceError)
    await engine.dispose()
    return "DetachedInstanceError"


async def id_after_commit(url):
    """An id that is read after the commit is refused, unless the session has `expire_on_commit=False`."""
    engine = engine_of(url)
    async with AsyncSession(engine) as session:
        user = await session.get_one(User, 1)
        await session.commit()
        refused(lambda: user.id)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = await session.get_one(User, 1)
        await session.commit()
        assert user.id == 1
    await engine.dispose()
    return "refused; 1 with expire_on_commit=False"


FACTS = (
    one_connection_each,
    background_task,
    no_shared_objects,
    own_transactions,
    two_connections,
    detached,
    id_after_commit,
)


async def create_rows(url):
    """Three users in an organization, in empty tables."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        library = Organization(name="Library")
        users = [User(id=id, name=name) for id, name in enumerate("abc", 1)]
        for user in users:
            user.organization = library
        session.add_all(users)
        await session.commit()
    await engine.dispose()


async def main():
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            await create_rows(url)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(url)}")


asyncio.run(main())
