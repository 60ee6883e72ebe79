# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "anyio>=4.16,<5",
#   "factory-boy>=3.3,<4",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "litestar>=2.25,<3",
#   "polyfactory>=3.5,<4",
#   "pytest>=9.2,<10",
#   "pytest-asyncio>=1.5,<2",
# ]
# ///
"""What the page `testing` says beyond its examples, each sentence asserted by a run."""

import asyncio
import gc
import os
import warnings
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from project.models import Base, User
from project.outcomes import outcomes
from project.savepoints import begin_before_savepoints
from sqlalchemy import Column, Integer, MetaData, Table, event, func, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import NullPool, StaticPool

url = os.environ.setdefault("DATABASE_URL", "sqlite+aiosqlite://")
driver = create_async_engine(url).dialect.driver
bound_to_loop = driver in ("asyncpg", "asyncmy", "aiomysql")
DIFFERENT_LOOP = "attached to a different loop"
FIXTURES, TESTS = (f"asyncio_default_{what}_loop_scope" for what in ("fixture", "test"))
ALONE = ("-c", os.devnull, "-o", "asyncio_mode=auto")
JOINED = {"join_transaction_mode": "create_savepoint"}
ANYIO = ("-p", "no:asyncio", "-o", "anyio_mode=auto")


outcomes = cache(outcomes)


def fails(lines):
    return any(line.endswith(": failed") for line in lines)


def test(name, lines):
    """What a test did, and why it failed."""
    [at] = [at for at, line in enumerate(lines) if line.startswith(f"{name}: ")]
    outcome = lines[at].removeprefix(f"{name}: ")
    return outcome, lines[at + 1].strip() if outcome == "failed" else ""


@asynccontextmanager
async def engine_with_tables(begin=True):
    """An engine with empty tables; for SQLite with the two listeners, unless `begin` is false."""
    engine = create_async_engine(url)
    if begin and driver == "aiosqlite":
        begin_before_savepoints(engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@asynccontextmanager
async def one_test(engine, mode="create_savepoint"):
    """What the fixture `Session` gives to a test."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield async_sessionmaker(
            connection, join_transaction_mode=mode, expire_on_commit=False
        )
        await transaction.rollback()


async def count(session):
    return await session.scalar(select(func.count(User.id)))


async def save(session, **values):
    user = User(name="alice", **values)
    session.add(user)
    await session.commit()
    return user


async def users_left(engine):
    async with AsyncSession(engine) as session:
        return await count(session)


async def create_savepoint():
    """By default, a rollback undoes what was committed before it, and ends the test's transaction."""
    left, warned = [], {}
    async with engine_with_tables() as engine:
        for mode in ("conditional_savepoint", "create_savepoint"):
            with warnings.catch_warnings(record=True) as warned[mode]:
                warnings.simplefilter("always")
                async with one_test(engine, mode) as Session, Session() as session:
                    await save(session)
                    session.add(User(name="bob"))
                    await session.flush()
                    await session.rollback()
                    left.append(await count(session))
    [warning] = warned["conditional_savepoint"]
    assert str(warning.message) == "transaction already deassociated from connection"
    assert left == [0, 1] and not warned["create_savepoint"]
    return f"users left: 0 by default, and {warning.message}; 1 with create_savepoint"


async def sqlite_begin():
    """Without the listeners, a commit survives the test on SQLite; other databases don't need them."""
    left = []
    for begin in (False, True):
        async with engine_with_tables(begin) as engine:
            async with one_test(engine) as Session, Session() as session:
                await save(session)
            left.append(await users_left(engine))
    assert left == ([1, 0] if driver == "aiosqlite" else [0, 0])
    return "without them, 1 user left on SQLite, 0 elsewhere; with them 0"


def neither_option():
    """Without the loop scopes, asyncpg, asyncmy and aiomysql fail; aiosqlite and psycopg don't."""
    lines = outcomes("test_rollback.py", *ALONE)
    assert any(DIFFERENT_LOOP in line for line in lines) == bound_to_loop, lines
    assert fails(lines) == bound_to_loop
    return "a different loop with asyncpg, asyncmy and aiomysql"


def one_option():
    """With one option alone, those drivers still fail; with both, no test does."""
    for option in (FIXTURES, TESTS):
        lines = outcomes("test_rollback.py", *ALONE, "-o", f"{option}=session")
        assert fails(lines) == bound_to_loop, lines
    assert not fails(outcomes("test_rollback.py"))
    return "fixtures alone or tests alone: failed; both: passed"


def function_scope():
    """With the fixtures' option set to function, a session-scoped async fixture ends in ScopeMismatch."""
    options = ("-o", f"{FIXTURES}=function")
    name, error, *_ = outcomes("test_rollback.py", *options)
    mismatch = "ScopeMismatch: You tried to access the function scoped fixture"
    assert name.endswith("(setup): failed") and mismatch in error, error
    return error.partition(". ")[0].strip()


def loop_scope():
    """loop_scope="session" in the marks of fixtures and tests does the same, in strict mode too."""
    lines = outcomes("test_loop_scope.py", "-c", os.devnull)
    assert not fails(lines) and len(lines) == 2, lines
    return "two tests passed"


def anyio_backend():
    """anyio's own anyio_backend has module scope, which ends in ScopeMismatch; with one of session scope they pass."""
    name, error, *_ = outcomes("test_rollback.py", *ANYIO)
    message = (
        "ScopeMismatch: You tried to access the module scoped fixture anyio_backend"
    )
    assert name.endswith("(setup): failed") and message in error, error
    lines = outcomes("test_anyio.py", *ANYIO)
    assert not fails(lines) and len(lines) == 2, lines
    return message


def one_plugin():
    """With both plugins in auto mode, tests and fixtures run in different loops."""
    lines = outcomes("test_anyio.py", "-o", "anyio_mode=auto")
    assert any(DIFFERENT_LOOP in line for line in lines) == bound_to_loop, lines
    return "a different loop with asyncpg, asyncmy and aiomysql"


def test_client_loop():
    """FastAPI's TestClient runs the app in another loop than the fixtures."""
    lines = outcomes("test_client.py")
    outcome, message = test("test_test_client", lines)
    assert outcome == ("failed" if bound_to_loop else "passed"), lines
    assert (DIFFERENT_LOOP in message) == bound_to_loop, message
    return "a different loop with asyncpg, asyncmy and aiomysql"


def with_test_client():
    """Each request of a TestClient has a loop of its own, unless you enter the client by `with`."""
    lines = outcomes("test_requests.py")
    assert test("test_without_with", lines)[0] == "failed"
    assert test("test_inside_with", lines)[0] == "passed"
    return "2 requests: 2 loops; inside `with`: 1 loop"


def litestar_client():
    """Litestar's AsyncTestClient runs the app in a loop of its own too; httpx's AsyncClient doesn't."""
    lines = outcomes("test_litestar.py")
    assert test("test_httpx_client", lines)[0] == "passed"
    own, _ = test("test_litestar_client", lines)
    assert own == ("failed" if bound_to_loop else "passed"), lines
    return "status 500 with asyncpg, asyncmy and aiomysql; with httpx 200"


def shared_session():
    """A session shared with the request hides a lazy load that fails with a session of its own."""
    lines = outcomes("test_client.py")
    outcome, message = test("test_lazy_load", lines)
    assert outcome == "failed" and "greenlet_spawn has not been called" in message
    assert test("test_shared_session", lines)[0] == "passed"
    return "own session: MissingGreenlet; shared: passed"


async def app_errors():
    """An error in the app is raised in the test; with raise_app_exceptions=False the test gets a 500."""
    app = FastAPI()

    @app.get("/")
    async def index() -> None:
        raise ZeroDivisionError

    seen = []
    for options in ({}, {"raise_app_exceptions": False}):
        transport = ASGITransport(app, **options)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            [answer] = await asyncio.gather(client.get("/"), return_exceptions=True)
        seen.append(getattr(answer, "status_code", type(answer).__name__))
    assert seen == ["ZeroDivisionError", 500]
    return f"{seen[0]}; {seen[1]} with raise_app_exceptions=False"


async def lifespan():
    """ASGITransport doesn't run the app's lifespan; `app.router.lifespan_context(app)` does."""
    started = []

    @asynccontextmanager
    async def start(_app):
        started.append("started")
        yield

    app = FastAPI(lifespan=start)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/")
        assert started == []
        async with app.router.lifespan_context(app):
            assert started == ["started"]
    return "not started by a request; started by lifespan_context()"


def model_factory():
    """With an AsyncSession, the flush isn't awaited, and sqlalchemy_get_or_create finds no query(); in run_sync() both work."""
    lines = outcomes("test_model_factory.py")
    for name in ("test_run_sync", "test_get_or_create_in_run_sync"):
        assert test(name, lines)[0] == "passed"
    assert test("test_async_session", lines) == ("failed", "assert None")
    message = "AttributeError: 'AsyncSession' object has no attribute 'query'"
    assert test("test_get_or_create", lines) == ("failed", message)
    return f"the id is None; {message}"


def sync_session():
    """With `session.sync_session`, the flush ends in MissingGreenlet."""
    lines = outcomes("test_model_factory.py")
    outcome, message = test("test_sync_session", lines)
    assert outcome == "failed" and "greenlet_spawn has not been called" in message
    return "MissingGreenlet"


def polyfactory():
    """create_async() refreshes the object, which unloads its relationships, until you refresh() those; build() doesn't."""
    lines = outcomes("test_polyfactory.py")
    for name in ("test_build", "test_refresh"):
        assert test(name, lines)[0] == "passed"
    for name in ("test_create_async", "test_create_sync"):
        outcome, message = test(name, lines)
        assert outcome == "failed" and "greenlet_spawn has not been called" in message
    return "create_async(): MissingGreenlet; create_sync() too; build(): passed"


def primary_key():
    """build() fills in the primary key, unless the factory has `id = None`."""
    lines = outcomes("test_polyfactory.py")
    assert test("test_primary_key", lines)[0] == "passed"
    return "set by build(); None if the factory has `id = None`"


async def memory():
    """In memory, aiosqlite shares one connection without being asked; with NullPool, the tables are gone."""
    memory = "sqlite+aiosqlite://"
    seen = []
    for options in ({}, {"poolclass": NullPool}):
        engine = create_async_engine(memory, **options)
        assert options or isinstance(engine.pool, StaticPool)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        try:
            seen.append(await users_left(engine))
        except OperationalError as error:
            seen.append(str(error.orig))
        await engine.dispose()
    assert seen == [0, "no such table: users"]
    return f"StaticPool by default; with NullPool {seen[1]}"


async def memory_shared():
    """In memory, all sessions share one transaction: a rollback in one undoes what another flushed."""
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        first.add(User(name="alice"))
        await first.flush()
        seen = [await count(second)]
        await second.rollback()
        seen.append(await count(first))
    await engine.dispose()
    assert seen == [1, 0]
    return "the second session saw 1 user, and after its rollback there was none"


async def statements():
    """A commit releases a savepoint, and the next transaction needs another: two statements instead of none."""
    async with engine_with_tables() as engine:
        sent = []
        for name in ("savepoint", "release_savepoint", "begin", "commit", "rollback"):
            event.listen(
                engine.sync_engine, name, lambda *_, name=name: sent.append(name)
            )
        async with one_test(engine) as Session, Session() as session:
            await save(session)
            await save(session)
    pair = ["savepoint", "release_savepoint"]
    assert sent == ["begin", *pair, *pair, "rollback"], sent
    return ", ".join(sent)


async def own_session():
    """Code that opens a session from its own sessionmaker isn't rolled back, until you configure() that sessionmaker."""
    async with engine_with_tables() as engine:
        Own = async_sessionmaker(engine)

        async def code_under_test():
            async with Own() as session:
                await save(session)

        async with one_test(engine) as Session:
            Own.configure(bind=Session.kw["bind"], **JOINED)
            await code_under_test()
        left = [await users_left(engine)]
        Own.configure(bind=engine, join_transaction_mode="conditional_savepoint")
        await code_under_test()
        left.append(await users_left(engine))
    assert left == [0, 1]
    return f"users left: {left[0]} with configure(), {left[1]} without"


async def at_once():
    """Two sessions that use the connection at once release each other's savepoints."""
    async with engine_with_tables() as engine, one_test(engine) as Session:

        async def task():
            async with Session() as session:
                await save(session)

        with warnings.catch_warnings(record=True):
            tasks = task(), task()
            first, error = await asyncio.gather(*tasks, return_exceptions=True)
    assert first is None and isinstance(error, DBAPIError), error
    assert "sa_savepoint_2" in str(error.orig), error
    return "the second commit found no sa_savepoint_2"


async def ids():
    """On PostgreSQL and MariaDB, the ids go on after the rollback; on SQLite they start again."""
    async with engine_with_tables() as engine:
        seen = []
        for _ in range(2):
            async with one_test(engine) as Session, Session() as session:
                seen.append((await save(session)).id)
    assert seen == ([1, 1] if driver == "aiosqlite" else [1, 2])
    return "1 in the first test; then 1 on SQLite, 2 on PostgreSQL and MariaDB"


async def now():
    """On PostgreSQL, now() is the same in the whole test, after a commit too; clock_timestamp() goes on."""
    async with engine_with_tables() as engine, engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            first = await connection.scalar(select(func.now()))
            async with AsyncSession(connection, **JOINED) as session:
                await save(session)
            assert await connection.scalar(select(func.now())) == first
            assert await connection.scalar(select(func.clock_timestamp())) > first
    return "on PostgreSQL, the same time after a commit"


async def ddl():
    """On MariaDB, CREATE TABLE commits the test's rows; on SQLite and PostgreSQL, it's rolled back with them."""
    notes = Table("notes", MetaData(), Column("id", Integer))
    async with engine_with_tables() as engine:
        async with one_test(engine) as Session:
            async with Session() as session:
                await save(session)
            await Session.kw["bind"].run_sync(notes.create)
        left = await users_left(engine)
        async with engine.begin() as connection:
            await connection.run_sync(notes.drop, checkfirst=True)
    assert left == (1 if driver in ("asyncmy", "aiomysql") else 0), left
    return "users left after the test: 1 on MariaDB, 0 on SQLite and PostgreSQL"


def connection_cancel():
    """After the failure, dispose() in another loop warns about asyncpg's coroutine 'Connection._cancel'."""

    async def use(engine):
        async with engine.connect() as connection:
            await connection.scalar(select(1))

    engine = create_async_engine(url)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.run(use(engine))
        try:
            asyncio.run(use(engine))
        except RuntimeError as error:
            assert bound_to_loop and DIFFERENT_LOOP in str(error), error
        asyncio.run(engine.dispose())
        gc.collect()
    message = "coroutine 'Connection._cancel' was never awaited"
    assert (message in map(str, (one.message for one in warned))) == (
        driver == "asyncpg"
    ), warned
    return f"with asyncpg, {message}"


FACTS = (
    create_savepoint,
    sqlite_begin,
    neither_option,
    one_option,
    function_scope,
    loop_scope,
    anyio_backend,
    one_plugin,
    test_client_loop,
    with_test_client,
    litestar_client,
    shared_session,
    app_errors,
    lifespan,
    model_factory,
    sync_session,
    polyfactory,
    primary_key,
    memory,
    memory_shared,
    statements,
    own_session,
    at_once,
    ids,
    now,
    ddl,
    connection_cancel,
)

for fact in FACTS:
    seen = asyncio.run(fact()) if asyncio.iscoroutinefunction(fact) else fact()
    print(f"{fact.__name__.replace('_', '-')}: {seen}")
