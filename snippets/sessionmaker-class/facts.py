# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `sessionmaker-class` says beyond its example, each sentence asserted by a run."""

import asyncio
import os

from sqlalchemy import String, event, select
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.ext.asyncio.exc import AsyncContextNotStarted
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


async def refused(call, expected):
    """The message of the error of an expected class that awaiting `call()` raises."""
    try:
        await call()
    except expected as error:
        return str(error)
    raise AssertionError("the call was not refused")


async def enter(context):
    async with context:
        pass


async def messages(engine):
    """The message names the class of the session, and that it was entered in the wrong way."""
    make_session = sessionmaker(engine)
    said = await refused(lambda: enter(make_session()), TypeError)
    assert said.startswith(
        "'Session' object does not support the asynchronous context manager protocol"
    )

    async def enter_async_session():
        with async_sessionmaker(engine)():
            pass

    reverse = await refused(enter_async_session, TypeError)
    assert reverse.startswith(
        "'AsyncSession' object does not support the context manager protocol"
    )
    return "'Session' object in async with; the reverse: 'AsyncSession' object in with"


async def begin(engine):
    """`async with sessionmaker(engine).begin():` names `_GeneratorContextManager`."""
    said = await refused(lambda: enter(sessionmaker(engine).begin()), TypeError)
    assert said.startswith("'_GeneratorContextManager' object does not support")
    return "'_GeneratorContextManager' object"


async def first_use(engine):
    """The first call that needs a connection raises `AsyncContextNotStarted`, awaited or not."""

    def flush(session):
        session.add(User(name="alice"))
        session.flush()

    def commit(session):
        session.add(User(name="alice"))
        session.commit()

    uses = {
        "execute()": lambda session: session.execute(select(User)),
        "get()": lambda session: session.get(User, 1),
        "flush()": flush,
        "commit()": commit,
    }
    for use in uses.values():

        async def plain(use=use):
            with sessionmaker(engine)() as session:
                use(session)

        async def awaited(use=use):
            with sessionmaker(engine)() as session:
                await use(session)

        await refused(plain, AsyncContextNotStarted)
        await refused(awaited, AsyncContextNotStarted)
    with sessionmaker(engine)() as session:
        session.commit()
    return f"{', '.join(uses)}; a commit() with nothing to save passed"


async def each_call(engine):
    """The error comes on each call from the first one on, and no connection is opened."""
    connected = []
    event.listen(engine.sync_engine, "connect", lambda *_: connected.append(1))
    make_session = sessionmaker(engine)
    for _ in range(3):
        await refused(lambda: enter(make_session()), TypeError)
    assert connected == []
    async with sessionmaker(engine, class_=AsyncSession)() as session:
        await session.connection()
    assert connected == [1]
    return "3 of 3 calls, no connection; 1 connection with class_=AsyncSession"


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in (messages, begin, first_use, each_call):
        engine = create_async_engine(url)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()


asyncio.run(main())
