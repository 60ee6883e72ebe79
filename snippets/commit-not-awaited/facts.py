# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `commit-not-awaited` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import subprocess
import sys
import warnings
from contextlib import contextmanager

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import String, event, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

WITHOUT_AWAIT = """
import asyncio, sys
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

async def main():
    engine = create_async_engine(sys.argv[1])
    async with AsyncSession(engine) as session:
        session.commit()
    await engine.dispose()
    print("went on")

asyncio.run(main())
"""


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


@contextmanager
def warns(method, kind="AsyncSession"):
    """Assert that the block warns that this method was never awaited, once and of no other."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught
    [warning] = [one for one in caught if one.category is RuntimeWarning]
    expected = f"coroutine '{kind}.{method}' was never awaited"
    assert str(warning.message) == expected
    assert warning.filename == __file__


def statements_of(engine):
    """A list to which each statement, COMMIT and ROLLBACK is added when it is sent."""
    sent = []
    target = engine.sync_engine
    event.listen(target, "before_cursor_execute", lambda *args: sent.append(args[2]))
    event.listen(target, "commit", lambda _connection: sent.append("COMMIT"))
    event.listen(target, "rollback", lambda _connection: sent.append("ROLLBACK"))
    return sent


async def names(engine):
    async with AsyncSession(engine) as session:
        return (await session.scalars(select(User.name).order_by(User.id))).all()


async def no_traceback(engine):
    """Nothing is raised and nothing is sent; the warning names the method and the line."""
    sent = statements_of(engine)
    async with AsyncSession(engine) as session:
        session.add(User(name="bob"))
        with warns("commit") as caught:
            line = sys._getframe().f_lineno + 1
            session.commit()
    assert line in [warning.lineno for warning in caught]
    assert sent == [] and await names(engine) == ["alice"]
    return "no error, 0 statements, a warning with the line of commit()"


async def web_handler(engine):
    """A FastAPI handler answers with success, and the row is not saved."""
    app = FastAPI()

    @app.post("/users", status_code=201)
    async def create_user(name: str):
        async with AsyncSession(engine) as session:
            session.add(User(name=name))
            session.commit()

    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        with warns("commit"):
            response = await client.post("/users", params={"name": "bob"})
    assert response.status_code == 201 and await names(engine) == ["alice"]
    return "status 201, bob was not saved"


async def queries(engine):
    """A query in the same session returns the row, because it flushes first; one in another session does not."""
    async with AsyncSession(engine) as session:
        session.add(User(name="bob"))
        with warns("commit"):
            session.commit()
        query = select(User.name).order_by(User.id)
        in_same = (await session.scalars(query)).all()
    in_other = await names(engine)
    assert in_same == ["alice", "bob"] and in_other == ["alice"]
    return "same session: alice, bob; another session: alice"


async def other_methods(engine):
    """`flush()`, `delete()`, `rollback()`, `refresh()` and `close()` warn as well, and have no effect; an AsyncConnection's too."""
    async with AsyncSession(engine) as session:
        alice = await session.scalar(select(User))
        sent = statements_of(engine)
        with warns("refresh"):
            session.refresh(alice)
        assert sent == []
        bob = User(name="bob")
        session.add(bob)
        with warns("flush"):
            session.flush()
        assert bob.id is None
        with warns("delete"):
            session.delete(alice)
        with warns("rollback"):
            session.rollback()
        with warns("close"):
            session.close()
        assert session.in_transaction() and bob in session
        await session.commit()
    assert await names(engine) == ["alice", "bob"]
    async with engine.connect() as connection:
        await connection.execute(insert(User).values(name="carol"))
        with warns("rollback", "AsyncConnection"):
            connection.rollback()
        with warns("close", "AsyncConnection"):
            connection.close()
        assert connection.in_transaction()
        with warns("commit", "AsyncConnection"):
            connection.commit()
    assert await names(engine) == ["alice", "bob"]
    return "not flushed, not deleted, not rolled back, not refreshed, not closed; AsyncConnection: not committed"


async def w_error(engine):
    """`python -W error` does not stop the program."""
    url = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-W", "error", "-c", WITHOUT_AWAIT, url]
    ran = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and ran.stdout == "went on\n"
    assert "coroutine 'AsyncSession.commit' was never awaited" in ran.stderr
    return "the program went on, exit status 0"


async def begin(engine):
    """`session.begin()` commits at the end of its block, with the same statements, and rolls back if that raises."""
    sent = statements_of(engine)
    async with AsyncSession(engine) as session:
        session.add(User(name="bob"))
        await session.commit()
    with_commit, sent[:] = list(sent), []
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(name="carol"))
    with_begin, sent[:] = list(sent), []
    assert with_begin == with_commit
    async with AsyncSession(engine) as session:
        block = add_and_raise(session)
        assert isinstance(
            (await asyncio.gather(block, return_exceptions=True))[0], KeyError
        )
    assert [one.split()[0] for one in sent] == ["INSERT", "ROLLBACK"]
    assert await names(engine) == ["alice", "bob", "carol"]
    return "INSERT and COMMIT, as with commit(); INSERT and ROLLBACK if it raises"


async def add_and_raise(session):
    async with session.begin():
        session.add(User(name="dave"))
        await session.flush()
        raise KeyError("dave")


FACTS = (no_traceback, web_handler, queries, other_methods, w_error, begin)


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
