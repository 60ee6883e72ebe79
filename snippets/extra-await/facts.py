# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `extra-await` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import sys
import tempfile
import traceback

from sqlalchemy import String, create_engine, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


async def refused(call):
    """The class that the `TypeError` names when the value of `call()` is awaited, without a frame of SQLAlchemy."""
    value = call()
    name = type(value).__name__
    try:
        await value
    except TypeError as error:
        assert str(error) == expected_message(name), error
        files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        assert files == {__file__}
        return name
    raise AssertionError("the value could be awaited")


def expected_message(name):
    if sys.version_info >= (3, 14):
        return f"'{name}' object can't be awaited"
    return f"object {name} can't be used in 'await' expression"


def statements_of(engine):
    """A list to which each statement is added when it is sent."""
    sent = []
    event.listen(engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    return sent


async def names_the_class(engine):
    """The message names the class of what the call returned, in the words of the Python version."""
    async with AsyncSession(engine) as session:
        result = await session.execute(select(User))
        scalars = await refused(result.scalars)
        result = await session.scalars(select(User))
        all_ = await refused(result.all)
        add = await refused(lambda: session.add(User(name="bob")))
    assert (all_, scalars, add) == ("list", "ScalarResult", "NoneType")
    return f"all(): {all_}, scalars(): {scalars}, add(): {add}"


async def sync_session(_engine):
    """With a sync `Session`: `ChunkedIteratorResult` from `execute()`, `NoneType` from `commit()`, which saves the row."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/facts.db")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            execute = await refused(lambda: session.execute(select(User)))
            session.add(User(name="alice"))
            commit = await refused(session.commit)
        with Session(engine) as session:
            assert session.scalars(select(User.name)).all() == ["alice"]
        engine.dispose()
    assert (execute, commit) == ("ChunkedIteratorResult", "NoneType")
    return f"execute(): {execute}, commit(): {commit}, and the row was saved"


async def call_was_made(engine):
    """After `await session.add(user)` the user is in the session, and the flush sends the INSERT."""
    async with AsyncSession(engine) as session:
        user = User(name="bob")
        sent = statements_of(engine.sync_engine)
        await refused(lambda: session.add(user))
        assert user in session and sent == []
        await session.flush()
        assert [statement.split()[0] for statement in sent] == ["INSERT"]
    return "the user is in the session; 0 statements until flush(), then INSERT"


async def stream(engine):
    """`stream_scalars()` sends as many statements as `scalars()`."""
    counts = []
    for name in ("scalars", "stream_scalars"):
        sent = statements_of(engine.sync_engine)
        async with AsyncSession(engine) as session:
            users = await getattr(session, name)(select(User))
            if name == "scalars":
                assert len(users.all()) == 1
            else:
                assert len([user async for user in users]) == 1
        counts.append(len(sent))
    assert counts == [1, 1]
    return "scalars(): 1 statement, stream_scalars(): 1 statement"


FACTS = (names_the_class, sync_session, call_was_made, stream)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(User(name="alice"))
            await session.commit()
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()


asyncio.run(main())
