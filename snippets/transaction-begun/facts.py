# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `transaction-begun` says beyond its example, each sentence asserted by a run."""

import asyncio
import os

from sqlalchemy import String, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

MESSAGE = "A transaction is already begun on this Session."


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def begun(session):
    """Begin a transaction and commit it."""
    async with session.begin():
        pass


async def refused(call, message=MESSAGE):
    """Assert that `await call` is refused with a message that begins so."""
    try:
        await call
    except InvalidRequestError as error:
        assert str(error).startswith(message), error
        return
    raise AssertionError("the call was not refused")


async def what_begins(Session):
    """A query, `add()`, a change of a loaded object and `begin()` itself begin a transaction."""
    async with Session() as session:
        await begun(session)
        user = await session.get_one(User, 1)
        await refused(begun(session))
        await session.commit()

        user.name = "bob"
        await refused(begun(session))
        await session.commit()

        session.add(User(name="carol"))
        await refused(begun(session))
        await session.commit()

        async with session.begin():
            await refused(begun(session))
    return "get_one(), a change, add() and begin() began one"


async def nothing_is_lost(Session):
    """The error leaves the transaction as it was: the session can go on and commit."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "bob"
        await refused(begun(session))
        await session.commit()
    async with Session() as session:
        name = await session.scalar(select(User.name))
    assert name == "bob"
    return f"{name} was saved after the error"


async def after_the_end(Session):
    """After `commit()` or `rollback()`, `begin()` works; reading an attribute that is loaded does not begin one."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await begun(session)
        await session.get_one(User, 1)
        await session.rollback()
        await begun(session)
        assert user.name == "alice"
        await begun(session)
    return "after commit(), after rollback(), after reading a loaded attribute"


async def without_autobegin(Session):
    """With `autobegin=False`, the query is refused instead, with a message of its own."""
    async with Session(autobegin=False) as session:
        await refused(session.get_one(User, 1), "Autobegin is disabled on this Session")
        async with session.begin():
            await session.get_one(User, 1)
    return "get_one() was refused outside of begin()"


async def connection(Session):
    """A connection has a message of its own."""
    message = (
        "This connection has already initialized a SQLAlchemy Transaction() object"
    )
    async with Session.kw["bind"].connect() as connection:
        await connection.execute(select(User))
        await refused(begun(connection), message)
    return message


async def savepoint(Session):
    """`begin_nested()` works before and after a query; `commit()` then saves the changes."""
    async with Session() as session:
        async with session.begin_nested():
            session.add(User(name="bob"))
        await session.scalars(select(User))
        async with session.begin_nested():
            session.add(User(name="carol"))
        await session.commit()
    async with Session() as session:
        names = (await session.scalars(select(User.name).order_by(User.id))).all()
    assert names == ["alice", "bob", "carol"]
    return f"before and after a query; saved: {', '.join(names)}"


async def savepoint_rollback(Session):
    """With aiosqlite, the end of `begin_nested()` saves the changes, and `rollback()` doesn't undo them, unless one came first."""
    driver = Session.kw["bind"].dialect.driver
    counts = []
    for written_first in (False, True):
        async with Session() as session:
            users = len((await session.scalars(select(User))).all())
            if written_first:
                session.add(User(name="bob"))
                await session.flush()
            async with session.begin_nested():
                session.add(User(name="carol"))
            await session.rollback()
            counts.append(len((await session.scalars(select(User))).all()) - users)
    assert counts == [1 if driver == "aiosqlite" else 0, 0]
    return "after rollback(): with aiosqlite carol is saved, unless bob was flushed first; with the others nobody"


FACTS = (
    what_begins,
    nothing_is_lost,
    after_the_end,
    without_autobegin,
    connection,
    savepoint,
    savepoint_rollback,
)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    for fact in FACTS:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with Session() as session:
            session.add(User(name="alice"))
            await session.commit()
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
