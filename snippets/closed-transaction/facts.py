# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `closed-transaction` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import String, __version__, select
from sqlalchemy.exc import (
    IntegrityError,
    InvalidRequestError,
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CLOSED = "Can't operate on closed transaction inside context manager.  "
MESSAGE = (
    f"{CLOSED}Please complete the context manager before emitting further commands."
)
Session = async_sessionmaker()
app = FastAPI()


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class ReloadingSession(AsyncSession):
    async def commit(self):
        await super().commit()
        await self.scalar(select(User))


async def get_session():
    async with Session() as session, session.begin():
        yield session


@app.post("/request")
async def create_user(session: Annotated[AsyncSession, Depends(get_session)]):
    session.add(User(name="alice"))


@app.post("/function")
async def create_user_in_function(
    session: Annotated[AsyncSession, Depends(get_session, scope="function")],
):
    session.add(User(name="alice"))


def refused(call):
    """Assert that `call()` is refused with the message of the page."""
    try:
        call()
    except InvalidRequestError as error:
        assert str(error) == MESSAGE, error
        return
    raise AssertionError("the call was not refused")


async def refused_await(call):
    """Assert that `await call` is refused with the message of the page."""
    try:
        await call
    except InvalidRequestError as error:
        assert str(error) == MESSAGE, error
        return
    raise AssertionError("the call was not refused")


def refused_for_greenlet(read):
    """Assert that `read()` is refused for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return
    raise AssertionError("the read was not refused")


async def names():
    """The names that are in the database."""
    async with Session() as session:
        return list(await session.scalars(select(User.name).order_by(User.id)))


async def what_fails():
    """After `commit()`, queries, `refresh()`, `add()` and a second `commit()` are refused until the block ends."""
    async with Session() as session:
        async with session.begin():
            user = await session.get_one(User, 1)
            await session.commit()
            await refused_await(session.scalars(select(User)))
            await refused_await(session.refresh(user))
            await refused_await(session.commit())
            refused(lambda: session.add(User(name="bob")))
        await session.refresh(user)
    return "scalars(), refresh(), commit() and add() were refused; refresh() works after the block"


async def is_saved():
    """What was committed before the error is saved; what came after the commit is not."""
    async with Session() as session, session.begin():
        session.add(User(name="bob"))
        await session.commit()
        refused(lambda: session.add(User(name="carol")))
    assert await names() == ["alice", "bob"]
    return "alice, bob"


async def after_rollback():
    """After `rollback()` in the block, it is the same."""
    async with Session() as session, session.begin():
        await session.rollback()
        await refused_await(session.scalars(select(User)))
    return "scalars() was refused"


async def failed_flush():
    """A `rollback()` after a failed flush too; 2.1 quotes that flush's error. A savepoint lets the block go on."""
    async with Session() as session, session.begin():
        session.add(User(name="alice"))
        with suppress(IntegrityError):
            await session.flush()
        await session.rollback()
        [error] = await asyncio.gather(
            session.scalars(select(User)), return_exceptions=True
        )
        assert type(error) is InvalidRequestError and str(error).startswith(CLOSED)
        quoted = "The transaction was rolled back due to an exception: " in str(error)
        assert quoted == (__version__ >= "2.1")
    async with Session() as session, session.begin():
        with suppress(IntegrityError):
            async with session.begin_nested():
                session.add(User(name="alice"))
        session.add(User(name="bob"))
    assert await names() == ["alice", "bob"]
    return "rollback(): refused, and 2.1 quotes the flush's error; begin_nested(): alice, bob"


async def last_in_block():
    """A `commit()` that is the last call in the block is no error."""
    async with Session() as session, session.begin():
        session.add(User(name="bob"))
        await session.commit()
    assert await names() == ["alice", "bob"]
    return "alice, bob"


async def expired_attribute():
    """An expired attribute is refused with this message in the block, and for want of a greenlet after it."""
    async with Session() as session:
        async with session.begin():
            user = await session.get_one(User, 1)
            await session.commit()
            refused(lambda: user.name)
        refused_for_greenlet(lambda: user.name)
    return "InvalidRequestError in the block, MissingGreenlet after it"


async def other_blocks():
    """`Session.begin()`, `begin_nested()` and `engine.begin()` have the same message."""
    engine = Session.kw["bind"]
    async with Session.begin() as session:
        await session.commit()
        await refused_await(session.scalars(select(User)))
    async with Session() as session, session.begin_nested():
        await session.commit()
        await refused_await(session.scalars(select(User)))
    async with engine.begin() as connection:
        await connection.commit()
        await refused_await(connection.execute(select(User)))
    return "Session.begin(), begin_nested() and engine.begin()"


async def in_a_library():
    """It comes out of `commit()` itself if a subclass sends a query after the commit."""
    engine = Session.kw["bind"]
    async with ReloadingSession(engine) as session, session.begin():
        session.add(User(name="bob"))
        await refused_await(session.commit())
    assert await names() == ["alice", "bob"]
    return "the commit() of a subclass was refused, and bob is saved"


async def response_first():
    """FastAPI sends the response before the dependency commits; with `scope="function"` it commits first."""
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        status = {
            scope: (await client.post(f"/{scope}")).status_code
            for scope in ("request", "function")
        }
    assert status == {"request": 200, "function": 500}
    assert await names() == ["alice"]
    return f"a second alice: {status}"


FACTS = (
    what_fails,
    is_saved,
    after_rollback,
    failed_flush,
    last_in_block,
    expired_attribute,
    other_blocks,
    in_a_library,
    response_first,
)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session.configure(bind=engine)
    for fact in FACTS:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with Session() as session:
            session.add(User(name="alice"))
            await session.commit()
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")
    await engine.dispose()


asyncio.run(main())
