# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "psycopg[binary]>=3.3,<4",
#   "asyncmy>=0.2,<1",
#   "aiomysql>=0.3,<1",
#   "pymysql>=1.2,<2",
# ]
# ///
"""What the page `sync-driver` says beyond its example, each sentence asserted by a run. No host in a URL here exists."""

import asyncio
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import create_async_engine

# What `postgresql://` loads.
DEFAULT = "psycopg2" if sqlalchemy.__version__ < "2.1" else "psycopg"

NAMED_AND_NOT = """
from sqlalchemy.ext.asyncio import create_async_engine
print(create_async_engine("postgresql+asyncpg://nowhere.invalid/db").driver)
create_async_engine("postgresql://nowhere.invalid/db")
"""


def refused(call, expected):
    """The message of the error of an expected class that `call()` raises."""
    try:
        call()
    except expected as error:
        return str(error)
    raise AssertionError("the call was not refused")


def message():
    """The message names the loaded driver, before a connection is opened; `create_engine()` accepts the same URL."""
    for url, driver in (
        ("sqlite://", "pysqlite"),
        ("mysql+pymysql://nowhere.invalid/db", "pymysql"),
    ):
        said = refused(lambda url=url: create_async_engine(url), InvalidRequestError)
        assert said == (
            "The asyncio extension requires an async driver to be used. "
            f"The loaded '{driver}' is not async."
        )
        assert create_engine(url).driver == driver
    return "The loaded 'pysqlite' is not async; The loaded 'pymysql' is not async"


def async_drivers():
    """`create_async_engine()` accepts each of the drivers that the page recommends, and psycopg2 is not async."""
    drivers = [
        "postgresql+asyncpg",
        "postgresql+psycopg",
        "mysql+aiomysql",
        "mysql+asyncmy",
    ]
    for driver in drivers:
        engine = create_async_engine(f"{driver}://nowhere.invalid/db")
        assert engine.dialect.is_async
    assert not make_url("postgresql+psycopg2://").get_dialect().is_async
    return f"accepted: {', '.join(drivers)}"


def postgresql():
    """`postgresql://` loads psycopg2 on 2.0, and psycopg, which is accepted, on 2.1."""
    url = make_url("postgresql://nowhere.invalid/db")
    assert url.get_dialect().driver == DEFAULT
    if DEFAULT == "psycopg":
        engine = create_async_engine(url)
        assert engine.driver == "psycopg" and engine.dialect.is_async
    return f"{DEFAULT}, {'accepted' if DEFAULT == 'psycopg' else 'not async'}"


def not_installed():
    """Where asyncpg is the one driver that is installed, `postgresql://` asks for the default driver all the same."""
    with tempfile.TemporaryDirectory() as folder:
        for package in ("sqlalchemy", "greenlet", "asyncpg", "typing_extensions"):
            source = Path(find_spec(package).origin)
            if source.name == "__init__.py":
                source = source.parent
            Path(folder, source.name).symlink_to(source)
        python = [sys.executable, "-S", "-B", "-c", NAMED_AND_NOT]
        run = subprocess.run(
            python, env={"PYTHONPATH": folder}, capture_output=True, text=True
        )
    assert run.stdout == "asyncpg\n"
    error = run.stderr.splitlines()[-1]
    assert error == f"ModuleNotFoundError: No module named '{DEFAULT}'"
    return f"postgresql+asyncpg:// was accepted; postgresql://: {error}"


def drivername():
    """`set(drivername=…)` keeps the rest of the URL, also a `sslmode` that asyncpg does not take and that has to be `ssl`."""
    given = make_url("postgresql://u:p@nowhere.invalid:1/db?sslmode=require")
    url = given.set(drivername="postgresql+asyncpg")
    assert url.render_as_string(hide_password=False) == (
        "postgresql+asyncpg://u:p@nowhere.invalid:1/db?sslmode=require"
    )

    async def connect(url):
        async with create_async_engine(url).connect():
            pass

    said = refused(lambda: asyncio.run(connect(url)), TypeError)
    assert said == "connect() got an unexpected keyword argument 'sslmode'"
    renamed = url.set(query={"ssl": "require"})
    refused(lambda: asyncio.run(connect(renamed)), OSError)
    return f"sslmode: {said}; ssl: accepted"


for fact in (message, async_drivers, postgresql, not_installed, drivername):
    print(f"{fact.__name__.replace('_', '-')}: {fact()}")
