# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `isce` says about one session in two tasks, each sentence asserted by a run with each pool."""

import asyncio
import os
import tempfile

from sqlalchemy import String, select
from sqlalchemy.exc import IllegalStateChangeError, InvalidRequestError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def refused(call, raised=InvalidRequestError):
    """What the error of `await call` says, which has to be of this very class."""
    try:
        await call
    except InvalidRequestError as error:
        assert type(error) is raised, error
        return str(error)
    raise AssertionError("the call was not refused")


async def provisioning(Session):
    """A second task that comes while the first opens the session's connection is refused."""
    async with Session() as session:
        await session.bind.dispose()
        second = asyncio.create_task(session.scalar(select(User.name)))
        assert await session.scalar(select(User.name)) == "alice"
        said = await refused(second)
    assert "This session is provisioning a new connection" in said
    assert said.endswith("/isce)")
    return "the first task read alice, the second was refused"


async def closed_too_early(Session):
    """A session that is closed while a task opens its connection: `Method 'close()' can't be called here`."""
    session = Session()
    await session.bind.dispose()
    task = asyncio.create_task(session.scalar(select(User.name)))
    await asyncio.sleep(0)
    said = await refused(session.close(), IllegalStateChangeError)
    assert "Method 'close()' can't be called here" in said
    assert said.endswith("/isce)")
    assert await task == "alice"
    await session.close()
    return "IllegalStateChangeError; the task read alice afterwards"


async def flushing(Session):
    """Two tasks that flush at once: `Session is already flushing`, without a code."""
    async with Session() as session:
        await session.connection()
        session.add(User(name="bob"))
        second = asyncio.create_task(session.flush())
        await session.flush()
        said = await refused(second)
    assert said == "Session is already flushing"
    return "Session is already flushing"


async def own_sessions(Session):
    """Each task with a session of its own, or one after the other: no error."""

    async def name_of(session):
        return await session.scalar(select(User.name))

    async with Session() as session, Session() as other:
        await session.bind.dispose()
        names = await asyncio.gather(name_of(session), name_of(other))
    async with Session() as session:
        await session.bind.dispose()
        names += [await name_of(session), await name_of(session)]
    assert names == ["alice"] * 4
    return "all tasks read alice"


async def create_rows(engine, Session):
    """Alice, in an empty table."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice"))
        await session.commit()


FACTS = (provisioning, closed_too_early, flushing, own_sessions)
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
