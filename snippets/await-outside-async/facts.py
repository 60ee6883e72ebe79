# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `await-outside-async` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import warnings

from sqlalchemy import String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

IN_DEF = """
print("this line runs first")

def user_names(session):
    return await session.scalars(query)
"""
ASYNC_WITH = """
def user_names():
    async with new_session() as session:
        return session
"""
ASYNC_FOR = """
def user_names(users):
    async for user in users:
        print(user.name)
"""
INNER_DEF = """
async def show(session):
    def user_names():
        return await session.scalars(query)
"""
INNER_LAMBDA = """
async def show(session):
    return lambda: await session.scalars(query)
"""
IN_MODULE = "names = await session.scalars(query)"


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


def refused(call, error_class=SyntaxError):
    """The message of the error that `call()` raises."""
    try:
        call()
    except error_class as error:
        return getattr(error, "msg", str(error))
    raise AssertionError("the call was not refused")


def refused_source(source):
    return refused(lambda: compile(source, "user_names.py", "exec"))


async def at_compile_time(_engine):
    """Compiling raises the error, before a line has run and although the function is not called."""
    seen = []
    code = {"print": seen.append}
    assert refused(lambda: exec(IN_DEF, code)) == "'await' outside async function"
    assert seen == [] and "user_names" not in code
    return "'await' outside async function; no line ran"


async def innermost(_engine):
    """A `def` or a `lambda` inside an `async def` is a plain function again."""
    for source in (INNER_DEF, INNER_LAMBDA):
        assert refused_source(source) == "'await' outside async function"
    return "def and lambda in async def: 'await' outside async function"


async def other_words(_engine):
    """`async with` and `async for` are named in the message; in a module it is `'await' outside function`."""
    found = [refused_source(source) for source in (ASYNC_WITH, ASYNC_FOR, IN_MODULE)]
    assert found == [
        "'async with' outside async function",
        "'async for' outside async function",
        "'await' outside function",
    ]
    return "; ".join(found)


async def without_await(engine):
    """Without the `await`, the function handles a coroutine."""

    def user_names(session):
        names = session.scalars(select(User.name))
        return list(names)

    async with AsyncSession(engine) as session:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            message = refused(lambda: user_names(session), TypeError)
    assert message == "'coroutine' object is not iterable"
    [warning] = caught
    expected = "coroutine 'AsyncSession.scalars' was never awaited"
    assert str(warning.message) == expected
    return f"TypeError: {message}; {expected}"


async def same_statements(engine):
    """`run_sync()` sends the statements that the async function sends."""

    def user_names(session):
        return list(session.scalars(select(User.name)))

    async def user_names_async(session):
        return list(await session.scalars(select(User.name)))

    sent = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
    )
    async with AsyncSession(engine) as session:
        assert await user_names_async(session) == ["alice"]
        assert await session.run_sync(user_names) == ["alice"]
    assert len(sent) == 2 and sent[0] == sent[1]
    return "1 SELECT each"


FACTS = (at_compile_time, innermost, other_words, without_await, same_statements)


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
