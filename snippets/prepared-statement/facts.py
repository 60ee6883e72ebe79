# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1", "psycopg[binary]>=3.3,<4"]
# ///
"""What the page `prepared-statement` says beyond its example, with asyncpg, each sentence asserted by a run.

PostgreSQL has to be reachable without a password: `Pooler` does what pgbouncer's transaction mode does, and no more.
"""

import asyncio
import os
import re
import subprocess
import sys
from uuid import uuid4

from sqlalchemy import NullPool, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

URL = make_url(
    os.environ.get("DATABASE_URL", "postgresql+asyncpg://postgres@localhost/postgres")
)
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


async def message(reader):
    """One message of PostgreSQL's protocol: its type, its length, and what it says; nothing if the other side has gone."""
    if not (kind := await reader.read(1)):
        return b""
    length = await reader.readexactly(4)
    return kind + length + await reader.readexactly(int.from_bytes(length) - 4)


async def until_ready(reader):
    """The messages up to ReadyForQuery, which ends with `I` outside of a transaction."""
    answer = b""
    while True:
        answer += (last := await message(reader))
        if last[:1] == b"Z":
            return answer


class Pooler:
    """It gives each transaction the server connection that was idle for the longest time, whoever prepared what on it."""

    def __init__(self, connections):
        self.connections = connections
        self.idle = asyncio.Queue()

    async def __aenter__(self):
        for _ in range(self.connections):
            folder = URL.query.get("host")
            if folder:
                path = f"{folder}/.s.PGSQL.{URL.port or 5432}"
                server = await asyncio.open_unix_connection(path)
            else:
                server = await asyncio.open_connection(URL.host, URL.port or 5432)
            names = f"user\0{URL.username}\0database\0{URL.database}\0\0".encode()
            hello = (196608).to_bytes(4) + names
            server[1].write((len(hello) + 4).to_bytes(4) + hello)
            self.greeting = await until_ready(server[0])
            self.idle.put_nowait(server)
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def __aexit__(self, *_):
        self.server.close()
        while not self.idle.empty():
            self.idle.get_nowait()[1].close()

    async def serve(self, reader, writer):
        """One client, from its first message to its last."""
        while True:
            length = int.from_bytes(await reader.readexactly(4))
            hello = await reader.readexactly(length - 4)
            if int.from_bytes(hello[:4]) not in (SSL_REQUEST, GSS_REQUEST):
                break
            writer.write(b"N")
        writer.write(self.greeting)
        server = None

        async def answer():
            nonlocal server
            while server:
                said = await message(server[0])
                if said[:1] == b"Z" and said[-1:] == b"I":
                    self.idle.put_nowait(server)
                    server = None
                writer.write(said)

        while (asked := await message(reader))[:1] not in (b"", b"X"):
            if not server:
                server = await self.idle.get()
                answering = asyncio.create_task(answer())
            server[1].write(asked)
        if server:
            answering.cancel()
            server[1].close()
        writer.close()


def unique_name():
    """A name that no other process has."""
    return f"__asyncpg_{uuid4()}__"


NAMES_OF = {"asyncpg": "__asyncpg_", "psycopg": "_pg3_"}
MISSING = "InvalidSQLStatementNameError: does not exist"
DUPLICATE = "DuplicatePreparedStatementError: already exists"
NAMES = {"prepared_statement_name_func": unique_name}
SETTINGS = {
    "default": ("asyncpg", {}),
    "NullPool": ("asyncpg", {"poolclass": NullPool}),
    "statement_cache_size=0": (
        "asyncpg",
        {"connect_args": {"statement_cache_size": 0}},
    ),
    "prepared_statement_cache_size=0": (
        "asyncpg",
        {"query": {"prepared_statement_cache_size": "0"}},
    ),
    "name_func": ("asyncpg", {"connect_args": NAMES}),
    "name_func, NullPool": ("asyncpg", {"connect_args": NAMES, "poolclass": NullPool}),
    "name_func, prepared_statement_cache_size=0": (
        "asyncpg",
        {"connect_args": NAMES | {"prepared_statement_cache_size": 0}},
    ),
    "statement_cache_size=0, AUTOCOMMIT": (
        "asyncpg",
        {"connect_args": {"statement_cache_size": 0}, "isolation_level": "AUTOCOMMIT"},
    ),
    "name_func, prepared_statement_cache_size=0, AUTOCOMMIT": (
        "asyncpg",
        {
            "connect_args": NAMES | {"prepared_statement_cache_size": 0},
            "isolation_level": "AUTOCOMMIT",
        },
    ),
    "psycopg": ("psycopg", {}),
    "psycopg, prepare_threshold=None": (
        "psycopg",
        {"connect_args": {"prepare_threshold": None}},
    ),
}


async def work(setting, port, times=7):
    """What a process sees that runs three transactions through the pooler: `no error`, or the driver's class, and the message."""
    driver, options = SETTINGS[setting]
    options = dict(options)
    url = URL.set(
        drivername=f"postgresql+{driver}",
        host="127.0.0.1",
        port=port,
        query=options.pop("query", {}),
    )
    engine = create_async_engine(url, **options)
    try:
        for _ in range(3):
            async with AsyncSession(engine) as session:
                for number in range(times):
                    query = text(f"SELECT {number % 2}")
                    assert await session.scalar(query) == number % 2
                for _ in range(times):
                    assert await session.scalar(text("SELECT 'a'")) == "a"
                await session.commit()
    except DBAPIError as error:
        raised = error.orig.__cause__ or error.orig
        name, end = re.search(r'prepared statement "([^"]+)" (.+)', str(error)).groups()
        assert name.startswith(NAMES_OF[driver]), name
        return f"{type(raised).__name__}: {end}"
    finally:
        await engine.dispose()
    return "no error"


async def one_process(setting, times=7):
    """A process alone, on two server connections in turn."""
    async with Pooler(2) as port:
        return await work(setting, port, times)


async def two_processes(setting):
    """The second of two processes, one after the other, on one server connection."""
    async with Pooler(1) as port:
        for _ in range(2):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                __file__,
                setting,
                str(port),
                stdout=subprocess.PIPE,
            )
            output, _ = await process.communicate()
            assert process.returncode == 0
    return output.decode().strip()


async def seen(*settings):
    """What each setting leads to, in both situations."""
    return {
        setting: (await one_process(setting), await two_processes(setting))
        for setting in settings
    }


def line(outcomes):
    """The outcomes as one line."""
    return "; ".join(
        f"{setting}: {alone} (two connections), {second} (two processes)"
        for setting, (alone, second) in outcomes.items()
    )


async def default():
    """Two server connections: `does not exist`; two processes: `already exists`; NullPool helps against the former alone."""
    outcomes = await seen("default", "NullPool")
    assert outcomes == {
        "default": (MISSING, DUPLICATE),
        "NullPool": ("no error", DUPLICATE),
    }
    return line(outcomes)


async def statement_cache_size():
    """With `statement_cache_size=0`, there's no error in either case."""
    outcomes = await seen("statement_cache_size=0")
    assert set(outcomes.values()) == {("no error", "no error")}
    return line(outcomes)


async def sqlalchemy_cache():
    """`prepared_statement_cache_size=0` in the URL prevents `does not exist`, not `already exists`."""
    outcomes = await seen("prepared_statement_cache_size=0")
    assert set(outcomes.values()) == {("no error", DUPLICATE)}
    return line(outcomes)


async def name_func():
    """Unique names alone leave `does not exist`; NullPool or `prepared_statement_cache_size=0` removes it as well."""
    outcomes = await seen(
        "name_func", "name_func, NullPool", "name_func, prepared_statement_cache_size=0"
    )
    assert list(outcomes.values()) == [
        (MISSING, "no error"),
        ("no error", "no error"),
        ("no error", "no error"),
    ]
    return line(outcomes)


async def autocommit():
    """Under AUTOCOMMIT, named statements fail whatever the cache; with `statement_cache_size=0`, there's no error."""
    by_name = await one_process(
        "name_func, prepared_statement_cache_size=0, AUTOCOMMIT"
    )
    unnamed = await one_process("statement_cache_size=0, AUTOCOMMIT")
    assert (by_name, unnamed) == (MISSING, "no error")
    return f"named statements: {by_name}; statement_cache_size=0: {unnamed}"


async def psycopg():
    """psycopg has the same errors after some runs of a statement, and none with `prepare_threshold=None`."""
    outcomes = await seen("psycopg", "psycopg, prepare_threshold=None")
    assert list(outcomes.values()) == [
        (
            "InvalidSqlStatementName: does not exist",
            "DuplicatePreparedStatement: already exists",
        ),
        ("no error", "no error"),
    ]
    few = await one_process("psycopg", times=1)
    assert few == "no error"
    return f"{line(outcomes)}; psycopg, 3 runs of each statement: {few}"


FACTS = (
    default,
    statement_cache_size,
    sqlalchemy_cache,
    name_func,
    autocommit,
    psycopg,
)


async def main():
    if len(sys.argv) > 1:
        print(await work(sys.argv[1], int(sys.argv[2])))
        return
    for fact in FACTS:
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")


asyncio.run(main())
