# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pytest>=9.2,<10",
#   "anyio>=4.16,<5",
# ]
# ///
"""What the page `name-the-attribute` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from traceback import walk_tb

import sqlalchemy.exc
from project.conftest import NotLoaded, name_the_attribute
from project.users import Base, Manager, Organization, User, alice
from sqlalchemy import event, func, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.orm import load_only, selectinload
from sqlalchemy.util.concurrency import in_greenlet


def named(read):
    """The error that the listener raises when `read()` reads."""
    try:
        read()
    except NotLoaded as error:
        return error
    raise AssertionError("the listener let the read pass")


def refused(read):
    """Asserts that `read()` ends in MissingGreenlet, which the listener does not see."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
    else:
        raise AssertionError("the read was not refused")


async def only_attributes(Session):
    """A dynamic relationship, a statement through `sync_session` and a flush from sync code end in MissingGreenlet."""
    async with Session() as session:
        user = await session.scalar(select(User))
        refused(lambda: list(user.feed))
        refused(lambda: session.sync_session.scalar(select(User)))
        session.add(alice())
        refused(session.sync_session.flush)
    return "all three: MissingGreenlet"


async def needs_no_sql(Session):
    """A read that needs no SQL passes, although another row fails."""
    async with Session() as session:
        session.add(alice())
        await session.commit()
        library = await session.get_one(Organization, 1)
        first, second = await session.scalars(select(User).order_by(User.id))
        assert first.organization is library
        message = named(lambda: second.organization)
    return f"user 1 passed; user 2: {message}"


async def before_autoflush(Session):
    """With an unsaved object, it names the attribute instead of failing in the flush, and the object can be saved."""
    async with Session() as session:
        user = await session.scalar(select(User))
        session.add(Organization(name="Archive"))
        message = named(lambda: user.posts)
        await session.commit()
        assert await session.scalar(select(func.count(Organization.id))) == 2
    async with Session() as session:
        event.remove(*HOOK)
        user = await session.scalar(select(User))
        session.add(Organization(name="Museum"))
        refused(lambda: user.posts)
        [error] = await asyncio.gather(session.commit(), return_exceptions=True)
        assert type(error).__name__ == "PendingRollbackError", error
        event.listen(*HOOK)
    return f"{message}, and saved; without the listener commit() raised"


async def reasons(Session):
    """A subclass column of a base class query "had expired"; a deferred column "is deferred", after a commit too."""
    async with Session() as session:
        session.add(alice(Manager))
        await session.commit()
    async with Session() as session:
        manager = await session.scalar(select(User).where(User.role == "manager"))
        seen = [named(lambda: manager.budget), named(lambda: manager.bio)]
        await session.commit()
        seen += [named(lambda: manager.bio), named(lambda: manager.name)]
    async with Session() as session:
        user = await session.scalar(select(User).options(load_only(User.role)))
        seen.append(named(lambda: user.name))
    assert [str(error).partition(" ")[2] for error in seen] == [
        "had expired",
        "is deferred",
        "is deferred",
        "had expired",
        "is deferred",
    ]
    return f"{seen[0]}; {seen[2]}; {seen[3]} after a commit; {seen[4]} by load_only()"


async def own_class(Session):
    """`NotLoaded` is not an error of SQLAlchemy, so what catches MissingGreenlet does not catch it."""
    async with Session() as session:
        user = await session.scalar(select(User))
        assert named(lambda: user.posts)
        assert not issubclass(NotLoaded, sqlalchemy.exc.SQLAlchemyError)
        assert not issubclass(NotLoaded, MissingGreenlet)
    return f"NotLoaded, a subclass of {NotLoaded.__base__.__name__}"


async def every_scope(_):
    """The listener is there before the first fixture: a session-scoped one is named too (aiosqlite)."""
    test = Path(__file__).with_name("project") / "test_fixture.py"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test]
    done = subprocess.run(command, cwd=test.parent, capture_output=True, text=True)
    message = "NotLoaded: User.organization is a relationship that was not loaded"
    assert f" conftest.{message}" in done.stdout, done.stdout
    return message


async def two_details(Session):
    """The listener needs `in_greenlet()`, and the variables `self` and `instance` of the frame that reads."""
    async with Session() as session:
        assert not in_greenlet()
        assert await session.run_sync(lambda _: in_greenlet())
        user = await session.scalar(select(User))
        error = named(lambda: user.posts)
        found = [frame.f_locals for frame, _ in walk_tb(error.__traceback__)]
        [read] = [names for names in found if names.get("self") is User.posts]
        assert read["instance"] is user
    return (
        "in_greenlet(): False, True in run_sync(); self: User.posts, instance: the user"
    )


async def threads(Session):
    """Four threads with an event loop each: every read is named."""
    url, seen = Session.kw["bind"].url, []

    async def read_often():
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with async_sessionmaker(engine)() as session:
            session.add(alice())
            await session.commit()
            session.expunge_all()
            user = (await session.scalars(select(User).limit(1))).one()
            for _ in range(100):
                seen.append(str(named(lambda: user.organization)))
        await engine.dispose()

    threads = (asyncio.to_thread(asyncio.run, read_often()) for _ in range(4))
    await asyncio.gather(*threads)
    assert seen == 400 * ["User.organization is a relationship that was not loaded"]
    return f"{len(seen)} reads named in 4 threads"


async def cost(Session):
    """It sends no SQL, for 1, 10, 100 and 1,000 users."""
    sent = []
    engine = Session.kw["bind"].sync_engine
    event.listen(engine, "before_cursor_execute", lambda *_: sent.append(1))
    for users in (1, 10, 100, 1000):
        async with Session() as session:
            existing = await session.scalar(select(func.count(User.id)))
            session.add_all(alice() for _ in range(users - existing))
            await session.commit()
        counts = []
        for change in (event.remove, event.listen):
            change(*HOOK)
            sent.clear()
            async with Session() as session:
                query = select(User).options(selectinload(User.posts))
                for user in (await session.scalars(query)).all()[:100]:
                    await user.awaitable_attrs.organization
            counts.append(len(sent))
        assert counts[0] == counts[1], counts
    return "as many statements with the listener as without"


HOOK = (SyncSession, "do_orm_execute", name_the_attribute)
FACTS = (
    only_attributes,
    needs_no_sql,
    before_autoflush,
    reasons,
    own_class,
    every_scope,
    threads,
    two_details,
    cost,
)


async def create_rows(engine, Session):
    """One user, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(alice())
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
