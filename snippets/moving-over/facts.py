# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "pandas>=3.1,<4",
# ]
# ///
"""What the page `moving-over` says beyond its examples, each sentence asserted by a run."""

import asyncio
import inspect
import os
import tempfile
import threading
from typing import NamedTuple

import httpx
import pandas
from fastapi import FastAPI
from sqlalchemy import (
    Engine,
    ForeignKey,
    String,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
)

FOLDER = tempfile.TemporaryDirectory()
URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
URL += f"/{FOLDER.name}/app.db" if URL.endswith("://") else ""
SYNC_DRIVERS = {
    "sqlite+aiosqlite": "sqlite",
    "postgresql+asyncpg": "postgresql+psycopg",
    "mysql+asyncmy": "mysql+pymysql",
    "mysql+aiomysql": "mysql+pymysql",
}
url = make_url(URL)
SYNC_URL = url.set(drivername=SYNC_DRIVERS.get(url.drivername, url.drivername))


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()
    strict: Mapped[Organization] = relationship(lazy="raise", viewonly=True)


class Engines(NamedTuple):
    """Two engines for one database."""

    sync: Engine
    asyncio: AsyncEngine


def refused(read):
    """Asserts that `read()` ends in MissingGreenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return "MissingGreenlet"
    raise AssertionError("the read was not refused")


def loads(engine, work, **options):
    """The number of reads in `work` that the listener of step 1 reports, with a session of their own."""
    found = []

    def report(execution):
        if execution.lazy_loaded_from is not None or execution.is_column_load:
            found.append(execution)

    event.listen(Session, "do_orm_execute", report)
    with Session(engine, **options) as session:
        work(session)
    event.remove(Session, "do_orm_execute", report)
    return len(found)


async def found_in_sync(engines):
    """The reads that the listener reports on a sync engine are those that raise MissingGreenlet on an async one."""
    lazy = loads(
        engines.sync,
        lambda session: session.scalars(select(User)).one().organization.name,
    )

    def after_commit(session):
        user = session.get_one(User, 1)
        session.commit()
        return user.name

    expired = loads(engines.sync, after_commit)
    eager = select(User).options(joinedload(User.organization))
    fixed = loads(
        engines.sync, lambda session: session.scalars(eager).one().organization.name
    )
    fixed += loads(engines.sync, after_commit, expire_on_commit=False)
    assert (lazy, expired, fixed) == (1, 1, 0)
    async with AsyncSession(engines.asyncio) as session:
        user = (await session.scalars(select(User))).one()
        refused(lambda: user.organization)
        await session.commit()
        refused(lambda: user.name)
    async with AsyncSession(engines.asyncio) as session:
        user = (await session.scalars(eager)).one()
        assert user.organization.name == "Library"
    return "a lazy load and an expired column: reported, and MissingGreenlet; after both fixes: none"


async def refresh_is_reported(engines):
    """The listener reports `refresh()` too, which is no mistake."""
    reported = loads(
        engines.sync, lambda session: session.refresh(session.get_one(User, 1))
    )
    assert reported == 1
    return "refresh(): reported"


async def raises_in_sync(engines):
    """`lazy="raise"` raises its error in a sync session too."""
    with Session(engines.sync) as session:
        user = session.get_one(User, 1)
        try:
            _ = user.strict
        except InvalidRequestError as error:
            message = str(error)
        assert message == "'User.strict' is not available due to lazy='raise'"
    return message


def method_names(*functions):
    """The names of a session's methods, with parentheses."""
    return ", ".join(f"{function.__name__}()" for function in functions)


async def awaited(engines):
    """Each line of the table runs: what is awaited, what isn't, and what an async session doesn't have."""
    sent = []

    def count(*arguments):
        sent.append(arguments[2])

    event.listen(engines.asyncio.sync_engine, "before_cursor_execute", count)
    assert isinstance(engines.asyncio, AsyncEngine) and engines.asyncio.dialect.is_async
    async with engines.asyncio.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    maker = async_sessionmaker(engines.asyncio, expire_on_commit=False)
    async with maker() as session:
        names = select(User.name)
        eager = select(User).options(joinedload(User.organization))
        [alice] = (await session.scalars(eager)).all()
        assert alice.organization.name == "Library"
        assert (await session.execute(names)).all() == [("alice",)]
        assert await session.scalar(names) == "alice"
        bob, carol, dora = (User(name=name, organization_id=1) for name in "bcd")
        assert session.add(bob) is None and session.add_all([carol, dora]) is None
        assert await session.flush() is None
        assert session.expunge(carol) is None and carol not in session
        carol = await session.merge(carol)
        await session.delete(dora)
        await session.commit()
        assert bob.name == "b"
        assert session.expire(bob) is None
        refused(lambda: bob.name)
        await session.refresh(bob)
        assert bob.name == "b" and await session.get(User, bob.id) is bob
        await session.delete(bob)
        await session.rollback()
        await session.close()
        assert len((await session.scalars(names)).all()) == 3 and sent
        assert not hasattr(session, "query")
    asked = (session.execute, session.scalars, session.scalar, session.get)
    asked += (session.refresh, session.merge, session.delete, session.flush)
    asked += (session.commit, session.rollback, session.close)
    plain = (session.add, session.add_all, session.expire, session.expunge)
    assert all(map(inspect.iscoroutinefunction, asked))
    assert not any(map(inspect.iscoroutinefunction, plain))
    return f"awaited: {method_names(*asked)}; not: {method_names(*plain)}; no query()"


async def blocks(engines):
    """A sync call in an `async def` endpoint holds up the event loop; a `def` endpoint runs in a thread."""
    started, other_ran = threading.Event(), threading.Event()

    def query():
        started.set()
        with Session(engines.sync) as session:
            session.scalars(select(User)).one()
            return other_ran.wait(timeout=0.5)

    async def endpoint():
        return query()

    async def other_task():
        while not started.is_set():
            await asyncio.sleep(0)
        other_ran.set()

    app = FastAPI()
    app.add_api_route("/async", endpoint)
    app.add_api_route("/plain", query)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = []
        for path in ("/async", "/plain"):
            started.clear()
            other_ran.clear()
            response, _ = await asyncio.gather(client.get(path), other_task())
            answers.append(response.json())
    assert answers == [False, True], answers
    return "async def: no other task ran meanwhile; def: another task ran"


async def same_statements(engines):
    """A function sends the same statements through `run_sync()` as it does in a sync session."""

    def names(session):
        return [user.organization.name for user in session.scalars(select(User))]

    counts = []
    for one in (engines.sync, engines.asyncio.sync_engine):
        sent = []

        def count(*arguments, sent=sent):
            sent.append(arguments[2])

        event.listen(one, "before_cursor_execute", count)
        if one is engines.sync:
            with Session(one) as session:
                names(session)
        else:
            async with AsyncSession(engines.asyncio) as session:
                await session.run_sync(names)
        event.remove(one, "before_cursor_execute", count)
        counts.append(len(sent))
    assert counts == [2, 2]
    return "2 statements in both"


async def own_transactions(engines):
    """The two engines share no transaction: each sees what the other has committed."""
    async with AsyncSession(engines.asyncio) as session:
        session.add(User(name="bob", organization_id=1))
        await session.flush()
        with Session(engines.sync) as other:
            before = other.scalar(select(func.count(User.id)))
        await session.commit()
        with Session(engines.sync) as other:
            after = other.scalar(select(func.count(User.id)))
    assert (before, after) == (1, 2)
    return "1 user before the commit, 2 after it"


async def own_pools(engines):
    """Each engine has a pool of its own."""
    async with engines.asyncio.connect(), engines.asyncio.connect():
        with engines.sync.connect():
            out = engines.asyncio.pool.checkedout(), engines.sync.pool.checkedout()
    assert out == (2, 1)
    return "2 connections of the async engine and 1 of the sync one"


async def pandas_reads(engines):
    """`pandas.read_sql()` takes the sync engine."""
    frame = pandas.read_sql(select(User.name), engines.sync)
    assert frame["name"].tolist() == ["alice"]
    return "alice"


async def one_url(_):
    """psycopg takes one URL for both engines; the other drivers need a second driver."""
    is_psycopg = url.get_driver_name() == "psycopg"
    assert (url == SYNC_URL) == is_psycopg
    other = create_engine(url)
    if is_psycopg:
        with other.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        other.dispose()
    else:
        refused(other.connect)
    return (
        "psycopg: one URL"
        if is_psycopg
        else "create_engine() with the URL of the async engine: MissingGreenlet"
    )


FACTS = (
    found_in_sync,
    refresh_is_reported,
    raises_in_sync,
    awaited,
    blocks,
    same_statements,
    own_transactions,
    own_pools,
    pandas_reads,
    one_url,
)


async def main():
    for fact in FACTS:
        engine = create_engine(SYNC_URL)
        engines = Engines(engine, create_async_engine(url))
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add(User(name="alice", organization=Organization(name="Library")))
            session.commit()
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engines)}")
        engine.dispose()
        await engines.asyncio.dispose()


asyncio.run(main())
FOLDER.cleanup()
