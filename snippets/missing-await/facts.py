# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `missing-await` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import traceback
import warnings

from sqlalchemy import String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


def refused(read):
    """The message of the `AttributeError` that `read()` raises, and the files in its traceback."""
    try:
        read()
    except AttributeError as error:
        files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        return str(error), files
    raise AssertionError("the read was not refused")


def statements_of(engine):
    """A list to which each statement is added when it is sent."""
    sent = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
    )
    return sent


async def message(engine):
    """An `AttributeError` on `'coroutine' object` names what was read, without a frame of SQLAlchemy."""
    names = ("scalars", "all", "first", "name")
    async with AsyncSession(engine) as session:
        result = session.execute(select(User))
        for name in names:
            text, files = refused(lambda name=name: getattr(result, name))
            assert text == f"'coroutine' object has no attribute '{name}'"
            assert files == {__file__}
        result.close()
    return f"'coroutine' object has no attribute {', '.join(names)}; no other file"


async def warning(engine):
    """Python warns that the coroutine was never awaited, and names the call."""
    named = []
    async with AsyncSession(engine) as session:
        for call in (session.execute, session.scalars, session.scalar):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                refused(lambda call=call: call(select(User)).all())
            [found] = caught
            assert found.category is RuntimeWarning
            expected = f"coroutine 'AsyncSession.{call.__name__}' was never awaited"
            assert str(found.message) == expected
            named.append(f"AsyncSession.{call.__name__}")
    return f"never awaited: {', '.join(named)}"


async def no_statement(engine):
    """The call sends no statement."""
    sent = statements_of(engine)
    async with AsyncSession(engine) as session:
        coroutine = session.execute(select(User))
        refused(lambda: coroutine.scalars())
        assert sent == []
        await coroutine
    assert len(sent) == 1
    return "0 statements without await, 1 with it"


async def listener(engine):
    """An `async def` listener of `do_orm_execute` makes an awaited `execute()` return a coroutine."""

    async def add_filter(state):
        assert state.is_select

    class FilteredSession(Session):
        pass

    event.listen(FilteredSession, "do_orm_execute", add_filter)
    async with AsyncSession(engine, sync_session_class=FilteredSession) as session:
        result = await session.execute(select(User))
        text, _ = refused(lambda: result.scalars())
        assert text == "'coroutine' object has no attribute 'scalars'"
        await result
    return "awaited, and yet 'coroutine' object has no attribute 'scalars'"


FACTS = (message, warning, no_statement, listener)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()


asyncio.run(main())
