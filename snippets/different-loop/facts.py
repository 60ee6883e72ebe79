# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "aiosqlite>=0.22,<1",
#   "psycopg[binary]>=3.3,<4",
#   "fastapi>=0.115,<1",
#   "flask[async]>=3.1,<4",
#   "httpx>=0.28,<1",
#   "litestar>=2.15,<3",
#   "pytest>=8,<10",
#   "pytest-asyncio>=1,<2",
#   "uvicorn>=0.34,<1",
# ]
# ///
"""What the page `different-loop` says beyond its example, each sentence asserted by a run, with asyncpg unless it says otherwise."""

import asyncio
import functools
import os
import re
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")

# How the programs below begin that use engines in a framework.
BEGINNING = """
import asyncio, os
from contextlib import asynccontextmanager
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

def new_engine(**options):
    return create_async_engine(os.environ["DATABASE_URL"], **options)

async def ping(engine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT 42"))
"""
TESTS = """
import pytest, pytest_asyncio
engine = new_engine()

@pytest_asyncio.fixture{fixture}
async def answer():
    return await ping(engine)

@pytest.mark.asyncio{mark}
async def test_first(answer):
    assert answer == await ping(engine)

@pytest.mark.asyncio{mark}
async def test_second(answer):
    assert answer == await ping(engine)
"""
FRAMEWORKS = """
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from flask import Flask
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, get
from litestar.testing import AsyncTestClient, TestClient as LitestarTestClient

def note(name, text):
    print(f"{name}: {'refused' if 'attached to a different loop' in text else text}")

def try_to(name, get_text):
    try:
        note(name, get_text())
    except RuntimeError as error:
        note(name, str(error))

def fastapi_app(engine, lifespan=None):
    app = FastAPI(lifespan=lifespan)
    app.state.engine = engine

    @app.get("/")
    async def answer() -> int:
        return await ping(engine)

    return app

def litestar_app(engine):
    @get("/")
    async def answer() -> int:
        return await ping(engine)

    return Litestar([answer], debug=True)

def flask_app(engine):
    app = Flask("app")
    app.testing = True

    @app.get("/")
    async def answer():
        return str(await ping(engine))

    return app

app = fastapi_app(new_engine())
for _ in range(2):
    try_to("TestClient", lambda: TestClient(app).get("/").text)

with TestClient(fastapi_app(new_engine())) as client:
    for _ in range(2):
        try_to("with TestClient", lambda: client.get("/").text)

@asynccontextmanager
async def dispose_at_the_end(app):
    yield
    await app.state.engine.dispose()

for name, lifespan in (("two with blocks", None), ("dispose in the lifespan", dispose_at_the_end)):
    app = fastapi_app(new_engine(), lifespan)
    for _ in range(2):
        with TestClient(app) as client:
            try_to(name, lambda: client.get("/").text)

for name, options in (("after a loop", {}), ("after a loop with NullPool", {"poolclass": NullPool})):
    engine = new_engine(**options)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(ping(engine))
    with TestClient(fastapi_app(engine)) as client:
        try_to(name, lambda: client.get("/").text)

async def test(app_for, name, use):
    engine = new_engine()
    await ping(engine)
    app = app_for(engine)
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://a") as client:
        note(f"AsyncClient in a test", (await client.get("/")).text)
    await use(f"{name} in a test", app)

async def use_test_client(name, app):
    with TestClient(app) as client:
        try_to(name, lambda: client.get("/").text)

async def use_litestar(name, app):
    with LitestarTestClient(app) as client:
        note(name, client.get("/").text)

async def use_async_litestar(name, app):
    async with AsyncTestClient(app) as client:
        note(name, (await client.get("/")).text)

asyncio.run(test(fastapi_app, "TestClient", use_test_client))
asyncio.run(test(litestar_app, "Litestar's TestClient", use_litestar))
asyncio.run(test(litestar_app, "Litestar's AsyncTestClient", use_async_litestar))

for name, options in (("Flask", {}), ("Flask with NullPool", {"poolclass": NullPool})):
    client = flask_app(new_engine(**options)).test_client()
    for _ in range(2):
        try_to(name, lambda: client.get("/").text)

def new_server(name, engine):
    @asynccontextmanager
    async def lifespan(app):
        try:
            note(name, str(await ping(engine)))
        except RuntimeError as error:
            note(name, str(error))
        server.should_exit = True
        yield

    app = FastAPI(lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    return server

async def bot(name, run):
    engine = new_engine()
    await ping(engine)
    await run(new_server(name, engine))

asyncio.run(bot("server in a thread", lambda server: asyncio.to_thread(server.run)))
asyncio.run(bot("server in the loop", lambda server: server.serve()))
"""


async def ping(engine):
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def ping_twice(engine):
    await ping(engine)
    await ping(engine)
    await engine.dispose()


async def ping_and_dispose(engine):
    await ping(engine)
    await engine.dispose()


def refused(call):
    """The functions in the traceback of the error that `call()` raises for want of the right loop."""
    try:
        call()
    except RuntimeError as error:
        assert "attached to a different loop" in str(error), error
        return {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    raise AssertionError("the call was not refused")


def count(engine, name):
    """A list that grows by one with each event of that name."""
    seen = []
    event.listen(engine.sync_engine, name, lambda *_: seen.append(name))
    return seen


def second_use():
    """The first use of the engine works, and the second, in another loop, is refused."""
    engine = create_async_engine(url)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(ping(engine))
        refused(lambda: second.run(ping(engine)))
        first.run(engine.dispose())
    return "the first loop passed, the second was refused"


def other_drivers():
    """With aiosqlite and psycopg, one engine works in two loops."""
    for other in (
        "sqlite+aiosqlite://",
        make_url(url).set(drivername="postgresql+psycopg"),
    ):
        engine = create_async_engine(other)
        connected = count(engine, "connect")
        asyncio.run(ping(engine))
        asyncio.run(ping(engine))
        asyncio.run(engine.dispose())
        assert len(connected) == 1
    return "aiosqlite and psycopg: one connection served two loops"


def thread():
    """A thread that runs a loop of its own is refused as well."""
    engine = create_async_engine(url)
    with asyncio.Runner() as first, ThreadPoolExecutor() as threads:
        first.run(ping(engine))
        threads.submit(refused, lambda: asyncio.run(ping(engine))).result()
        first.run(engine.dispose())
    return "asyncio.run() in a thread was refused"


def run_python(folder, *arguments):
    """What Python prints, with the URL of the database."""
    environ = {
        **os.environ,
        "DATABASE_URL": url,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True
    ).stdout


@functools.cache
def in_frameworks():
    """What each line of `FRAMEWORKS` gave, by its name."""
    seen = {}
    with tempfile.TemporaryDirectory() as folder:
        for line in run_python(folder, "-c", BEGINNING + FRAMEWORKS).splitlines():
            name, said = line.split(": ")
            seen.setdefault(name, []).append(said)
    return seen


def run_tests(*options, **files):
    """How the two tests of each file end, which use an engine, and a fixture that uses it as well."""
    with tempfile.TemporaryDirectory() as folder:
        for name, (fixture, mark) in files.items():
            tests = BEGINNING + TESTS.format(fixture=fixture, mark=mark)
            Path(folder, f"test_{name}.py").write_text(tests)
        plugins = ("-p", "pytest_asyncio.plugin", "-p", "no:cacheprovider")
        given = [f"--override-ini={option}=session" for option in options]
        printed = run_python(folder, "-m", "pytest", "-rA", *plugins, *given)
    assert ("attached to a different loop" in printed) == ("FAILED" in printed), printed
    ends = re.findall(
        r"^(PASSED|FAILED|ERROR) test_(\w+)\.py::test_(\w+)", printed, re.MULTILINE
    )
    return {(name, test): end.lower() for end, name, test in ends}


@functools.cache
def in_tests():
    session = '(loop_scope="session")'
    return run_tests(
        default=("", ""),
        tests_alone=("", session),
        fixture_scope=('(scope="session")', ""),
        both=(session, session),
    )


def pytest_tests():
    """With pytest-asyncio each test and its fixtures have a loop, so that the second test is refused."""
    first, second = in_tests()["default", "first"], in_tests()["default", "second"]
    assert first == "passed" and second in ("failed", "error")
    return "the first passed, the second did not"


def pytest_fixtures():
    """A fixture in another loop than its test makes the first test fail."""
    assert in_tests()["tests_alone", "first"] == "failed"
    assert in_tests()["fixture_scope", "first"] == "failed"
    return "loop_scope of the tests alone: failed; scope of the fixture alone: failed"


def pytest_options():
    """With both options, or `loop_scope` for tests and fixtures, both tests pass."""
    scopes = ("asyncio_default_test_loop_scope", "asyncio_default_fixture_loop_scope")
    seen = run_tests(*scopes, options=("", ""))
    for end in (
        *seen.values(),
        in_tests()["both", "first"],
        in_tests()["both", "second"],
    ):
        assert end == "passed"
    assert len(seen) == 2
    return "both options: passed; loop_scope of both: passed"


def test_client():
    """FastAPI's TestClient without `with` has a loop for each request, and with it one for all."""
    assert in_frameworks()["TestClient"] == ["42", "refused"]
    assert in_frameworks()["with TestClient"] == ["42", "42"]
    return "without with: 42, refused; with it: 42, 42"


def test_client_in_async_test():
    """In an async test that uses the engine too, TestClient is refused, and httpx's AsyncClient isn't."""
    assert in_frameworks()["TestClient in a test"] == ["refused"]
    assert in_frameworks()["AsyncClient in a test"] == ["42", "42", "42"]
    return "TestClient: refused; AsyncClient: 42"


def two_with_blocks():
    """Two `with TestClient` blocks have two loops; with `dispose()` in the lifespan, both work, and so do all requests in one block."""
    assert in_frameworks()["two with blocks"] == ["42", "refused"]
    assert in_frameworks()["dispose in the lifespan"] == ["42", "42"]
    assert in_frameworks()["with TestClient"] == ["42", "42"]
    return "42, refused; with dispose(): 42, 42; one block: 42, 42"


def test_client_after_a_loop():
    """After `loop.run_until_complete()` that used the engine, TestClient is refused, unless with NullPool."""
    assert in_frameworks()["after a loop"] == ["refused"]
    assert in_frameworks()["after a loop with NullPool"] == ["42"]
    return "refused; with NullPool: 42"


def litestar():
    """So are Litestar's TestClient and AsyncTestClient, and httpx's AsyncClient isn't."""
    assert in_frameworks()["Litestar's TestClient in a test"] == ["refused"]
    assert in_frameworks()["Litestar's AsyncTestClient in a test"] == ["refused"]
    assert in_frameworks()["AsyncClient in a test"] == ["42", "42", "42"]
    return "TestClient: refused; AsyncTestClient: refused; AsyncClient: 42"


def flask():
    """An async view of Flask has a loop for each request: the second is refused, unless with NullPool."""
    assert in_frameworks()["Flask"] == ["42", "refused"]
    assert in_frameworks()["Flask with NullPool"] == ["42", "42"]
    return "42, refused; with NullPool: 42, 42"


def server_in_thread():
    """A server in a thread beside another loop is refused; in that loop it isn't."""
    assert in_frameworks()["server in a thread"] == ["refused"]
    assert in_frameworks()["server in the loop"] == ["42"]
    return "server.run() in a thread: refused; await server.serve(): 42"


def pre_ping():
    """With `pool_pre_ping=True` the ping itself is refused."""
    engine = create_async_engine(url, pool_pre_ping=True)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(ping(engine))
        frames = refused(lambda: second.run(ping(engine)))
        first.run(engine.dispose())
    assert "do_ping" in frames and "do_execute" not in frames
    return "do_ping was refused, before the statement"


def connections():
    """Two calls in one loop need one connection; with `dispose()` or NullPool each needs one; the statements are the same."""
    seen = []
    for fix, options, loops in (
        ("one asyncio.run()", {}, [ping_twice]),
        ("dispose()", {}, [ping_and_dispose, ping_and_dispose]),
        ("NullPool", {"poolclass": NullPool}, [ping, ping]),
    ):
        engine = create_async_engine(url, **options)
        connected = count(engine, "connect")
        statements = count(engine, "before_cursor_execute")
        for loop in loops:
            asyncio.run(loop(engine))
        assert (len(connected), len(statements)) == (len(loops), 2)
        seen.append(f"{fix}: {len(connected)}")
    return "; ".join(seen)


for fact in (
    second_use,
    other_drivers,
    thread,
    pytest_tests,
    pytest_fixtures,
    pytest_options,
    test_client,
    test_client_in_async_test,
    two_with_blocks,
    test_client_after_a_loop,
    litestar,
    flask,
    server_in_thread,
    pre_ping,
    connections,
):
    print(f"{fact.__name__.replace('_', '-')}: {fact()}")
