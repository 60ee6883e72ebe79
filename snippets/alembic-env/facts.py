# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "alembic>=1.20,<2",
# ]
# ///
"""What the page `alembic-env` says beyond its example, each sentence asserted by a run."""

import asyncio
import io
import os
import shutil
import tempfile
import traceback
from contextlib import chdir, redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
DRIVER = make_url(URL).get_driver_name()


def project(template, url=URL):
    """The configuration of a project that `alembic init -t <template> migrations` begins, with one revision."""
    quietly(command.init, Config("alembic.ini"), "migrations", template=template)
    config = Config("alembic.ini", stdout=io.StringIO(), output_buffer=io.StringIO())
    config.set_main_option("sqlalchemy.url", url)
    quietly(command.revision, config, rev_id="first")
    return config


def upgrade(config):
    """Run the migrations, and undo them for the next fact."""
    command.upgrade(config, "head")
    command.downgrade(config, "base")


def quietly(function, *arguments, **options):
    """What a command of Alembic does, less what it prints."""
    with redirect_stdout(io.StringIO()):
        return function(*arguments, **options)


def refused(function, *arguments, error=MissingGreenlet, **options):
    """The error of exactly this class that a command raises, and the frames of its traceback."""
    try:
        quietly(function, *arguments, **options)
    except (MissingGreenlet, InvalidRequestError, RuntimeError) as raised:
        assert type(raised) is error, raised
        return raised, traceback.extract_tb(raised.__traceback__)
    raise AssertionError("the command was not refused")


def frames():
    """Plain MissingGreenlet, with `run_migrations_online` in `env.py` above `raw_connection`; none with psycopg."""
    config = project("generic")
    if DRIVER == "psycopg":
        quietly(command.current, config)
        return "psycopg is not refused"
    _, found = refused(command.current, config)
    names = [frame.name for frame in found]
    place = names.index("run_migrations_online")
    assert Path(found[place].filename).name == "env.py"
    assert place < names.index("raw_connection")
    return "MissingGreenlet; run_migrations_online in env.py, then raw_connection"


def commands():
    """What needs a connection is refused, except with psycopg; the rest works."""
    config = project("generic")
    connecting = {
        "upgrade": lambda: upgrade(config),
        "current": lambda: command.current(config),
        "stamp": lambda: command.stamp(config, "head"),
        "revision --autogenerate": lambda: command.revision(config, autogenerate=True),
        "check": lambda: command.check(config),
        "downgrade": lambda: command.downgrade(config, "base"),
    }
    offline = {
        "history": lambda: command.history(config),
        "heads": lambda: command.heads(config),
        "revision": lambda: command.revision(config, rev_id="second"),
        "upgrade --sql": lambda: command.upgrade(config, "head", sql=True),
    }
    for run in offline.values():
        quietly(run)
    if DRIVER == "psycopg":
        quietly(upgrade, config)
        return "psycopg is not refused"
    for run in connecting.values():
        refused(run)
    return f"refused: {', '.join(connecting)}; not refused: {', '.join(offline)}"


def running_loop():
    """The async `env.py` calls `asyncio.run()`, which a running event loop refuses; a thread has none."""
    config = project("async")

    async def start():
        error, _ = refused(command.upgrade, config, "head", error=RuntimeError)
        await asyncio.to_thread(upgrade, config)
        return str(error)

    message = asyncio.run(start())
    assert message == "asyncio.run() cannot be called from a running event loop"
    return f"{message}; passes in asyncio.to_thread()"


def sync_driver():
    """The async `env.py` refuses a sync driver, which the default one takes."""
    error, _ = refused(
        command.upgrade,
        project("async", "sqlite://"),
        "head",
        error=InvalidRequestError,
    )
    message = "The asyncio extension requires an async driver to be used."
    assert str(error).startswith(message)
    shutil.rmtree("migrations")
    quietly(upgrade, project("generic", "sqlite:///facts.db"))
    return f"async: {message}; default: passes"


def second_init():
    """A second `init` leaves `alembic.ini` and the migrations alone; its `env.py` runs them."""
    config = project("generic")
    ini = Path("alembic.ini").read_text()
    quietly(command.init, Config("alembic.ini"), "other", template="async")
    assert Path("alembic.ini").read_text() == ini
    shutil.copy("other/env.py", "migrations/env.py")
    shutil.rmtree("other")
    quietly(upgrade, config)
    return "alembic.ini is the same; upgrade passes with the other env.py"


FACTS = (frames, commands, running_loop, sync_driver, second_init)


def main():
    for fact in FACTS:
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            print(f"{fact.__name__.replace('_', '-')}: {fact()}")


main()
