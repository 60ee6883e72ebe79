# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `session-generator` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


COUNT = select(func.count(User.id))


def dependencies(new_session):
    """`get_session()` as FastAPI wants it, and one that commits after the request."""

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with new_session() as session:
            yield session

    async def get_committed() -> AsyncIterator[AsyncSession]:
        async with new_session() as session:
            yield session
            await session.commit()

    return get_session, get_committed


async def refused(call, expected):
    """The error that awaiting `call()` raises, whose class is `expected`."""
    try:
        await call()
    except (AttributeError, TypeError) as error:
        assert type(error) is expected, error
        return error
    raise AssertionError("the call was not refused")


async def entered(manager):
    """Open `manager` with `async with`."""
    async with manager:
        raise AssertionError("the block was entered")


async def messages(new_session):
    """The message names the generator, not the session, and no frame is SQLAlchemy's; each use has its own wording."""
    get_session, _ = dependencies(new_session)

    async def execute():
        await get_session().execute(COUNT)

    async def add():
        get_session().add(User(name="bob"))

    seen = []
    for call, expected in (
        (execute, AttributeError),
        (add, AttributeError),
        (lambda: entered(get_session()), TypeError),
    ):
        error = await refused(call, expected)
        files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        assert files == {__file__}
        seen.append(str(error).partition(" (missed __")[0])
    assert (
        seen
        == [
            "'async_generator' object has no attribute 'execute'",
            "'async_generator' object has no attribute 'add'",
            "'async_generator' object does not support the asynchronous context manager protocol",
        ]
        or "'async_generator' object can't be awaited" in seen[2]
    )
    return "; ".join(seen)


async def sync_generator(new_session):
    """Without `async`, the message says `'generator'`."""

    def get_db() -> Iterator[AsyncSession]:
        yield new_session()

    async def execute():
        await get_db().execute(COUNT)

    error = await refused(execute, AttributeError)
    assert str(error) == "'generator' object has no attribute 'execute'"
    return str(error)


async def decorated(new_session):
    """Decorated, but called without `async with`, it's a `_AsyncGeneratorContextManager`."""
    get_session, _ = dependencies(new_session)

    async def execute():
        await asynccontextmanager(get_session)().execute(COUNT)

    error = await refused(execute, AttributeError)
    expected = "'_AsyncGeneratorContextManager' object has no attribute 'execute'"
    assert str(error) == expected
    return expected


async def called_endpoint(new_session):
    """A function with `Depends()` as a default gets a `Depends` object if you call it yourself."""
    get_session, _ = dependencies(new_session)

    default = Depends(get_session)

    async def count(session=default):
        return await session.execute(COUNT)

    error = await refused(count, AttributeError)
    assert str(error) == "'Depends' object has no attribute 'execute'"
    async with new_session() as session:
        assert (await count(session)).scalar() == 1
    return f"{error}; with a session: 1 user"


def application(dependency):
    """An application whose endpoint counts the users, and a request to it."""
    app = FastAPI()
    SessionDep = Annotated[AsyncSession, Depends(dependency)]

    @app.get("/count")
    async def count(session: SessionDep) -> int:
        return await session.scalar(COUNT)

    async def request():
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get("/count")).json()

    return request


async def depends_on_a_call(new_session):
    """FastAPI refuses `Depends(get_session())` when it adds the endpoint."""
    get_session, _ = dependencies(new_session)

    async def add_endpoint():
        application(get_session())

    error = await refused(add_endpoint, TypeError)
    assert str(error).startswith("<async_generator object")
    assert str(error).endswith("is not a callable object")
    assert await application(get_session)() == 1
    return (
        "Depends(get_session()): is not a callable object; Depends(get_session): 1 user"
    )


async def depends_on_a_decorated_function(new_session):
    """FastAPI wants the plain function: decorated with `@asynccontextmanager`, the request fails."""
    get_session, _ = dependencies(new_session)
    request = application(asynccontextmanager(get_session))
    error = await refused(request, TypeError)
    expected = "'_AsyncGeneratorContextManager' object is not an async iterator"
    assert str(error) == expected
    return expected


async def loop(new_session):
    """Left with `break`, `async for` skips what follows `yield`: a commit there, for example."""
    _, get_committed = dependencies(new_session)
    generator = get_committed()
    async for session in generator:
        session.add(User(name="bob"))
        await session.flush()
        break
    await generator.aclose()
    async with new_session() as session:
        after_break = await session.scalar(COUNT)
    async with asynccontextmanager(get_committed)() as session:
        session.add(User(name="bob"))
    async with new_session() as session:
        after_block = await session.scalar(COUNT)
    assert (after_break, after_block) == (1, 2)
    return "saved by async for with break: 0 users; by async with: 1 user"


async def still_open(new_session):
    """After `break`, the session still has its connection."""
    get_session, _ = dependencies(new_session)
    generator = get_session()
    async for session in generator:
        await session.scalar(COUNT)
        break
    pool = session.bind.pool
    after_break = pool.checkedout()
    await generator.aclose()
    async with asynccontextmanager(get_session)() as session:
        await session.scalar(COUNT)
    assert (after_break, pool.checkedout()) == (1, 0)
    return "connections in use after break: 1; after async with: 0"


FACTS = (
    messages,
    sync_generator,
    decorated,
    called_endpoint,
    depends_on_a_call,
    depends_on_a_decorated_function,
    loop,
    still_open,
)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            engine = create_async_engine(url)
            new_session = async_sessionmaker(engine)
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            async with new_session() as session:
                session.add(User(name="alice"))
                await session.commit()
            seen = await fact(new_session)
            print(f"{fact.__name__.replace('_', '-')}: {seen}")
            await engine.dispose()


asyncio.run(main())
