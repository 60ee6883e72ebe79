# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "alembic>=1.20,<2",
#   "alembic-utils>=0.8,<1",
#   "pytest-alembic>=0.13,<1",
# ]
# ///
"""What the page `alembic-env` says beyond its example, each sentence asserted by a run."""

import asyncio
import io
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from contextlib import chdir, redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, text
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet
from sqlalchemy.ext.asyncio import create_async_engine

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


MULTIDB = """
async def run_async_migrations():
    for name in re.split(r",\\s*", db_names):
        engine = async_engine_from_config(
            config.get_section(name, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
        )
        async with engine.begin() as connection:
            await connection.run_sync(migrate, name)
        await engine.dispose()


def migrate(connection, name):
    context.configure(
        connection=connection,
        upgrade_token=f"{name}_upgrades",
        downgrade_token=f"{name}_downgrades",
        target_metadata=target_metadata.get(name),
    )
    with context.begin_transaction():
        context.run_migrations(engine_name=name)


def run_migrations_online():
    asyncio.run(run_async_migrations())


if context.is_offline_mode():
"""


def multidb():
    """The `multidb` template is refused; it passes with each engine async, and its migrations in `run_sync()`."""
    quietly(command.init, Config("alembic.ini"), "migrations", template="multidb")
    config = Config("alembic.ini", stdout=io.StringIO())
    config.set_main_option("databases", "engine1")
    config.set_section_option("engine1", "sqlalchemy.url", URL)
    quietly(command.revision, config, rev_id="first")
    if DRIVER != "psycopg":
        _, found = refused(command.upgrade, config, "head")
        names = [frame.name for frame in found]
        assert names.index("run_migrations_online") < names.index("raw_connection")
    env = Path("migrations/env.py")
    imports = (
        "import asyncio\nfrom sqlalchemy.ext.asyncio import async_engine_from_config\n"
    )
    before, after = env.read_text().split("if context.is_offline_mode():\n")
    env.write_text(imports + before + MULTIDB + after)
    quietly(upgrade, config)
    seen = "psycopg is not refused" if DRIVER == "psycopg" else "refused"
    return f"{seen}; passes with run_sync(migrate, name)"


def tested(template):
    """Whether pytest-alembic's `test_upgrade` passes with an async engine, and what it printed."""
    project(template, URL if DRIVER != "aiosqlite" else "sqlite+aiosqlite:///facts.db")
    ini = Path("alembic.ini")
    address = make_url(URL if DRIVER != "aiosqlite" else "sqlite+aiosqlite:///facts.db")
    shown = address.render_as_string(hide_password=False)
    ini.write_text(
        ini.read_text().replace(
            "driver://user:pass@localhost/dbname", shown.replace("%", "%%")
        )
    )
    Path("conftest.py").write_text(
        "import pytest\nfrom sqlalchemy.ext.asyncio import create_async_engine\n\n\n"
        f"@pytest.fixture\ndef alembic_engine():\n    return create_async_engine({shown!r})\n"
    )
    Path("test_migrations.py").write_text(
        "from pytest_alembic.tests import test_upgrade\n"
    )
    command_line = [sys.executable, "-m", "pytest", "--rootdir=.", "test_migrations.py"]
    run = subprocess.run(command_line, capture_output=True, text=True)
    shutil.rmtree("migrations")
    ini.unlink()
    return run.returncode == 0, run.stdout


def pytest_alembic():
    """pytest-alembic takes an async engine; its tests fail in the default `env.py`, and pass with the async one."""
    is_async, _ = tested("async")
    assert is_async
    is_generic, printed = tested("generic")
    assert is_generic == (DRIVER == "psycopg")
    if is_generic:
        return "psycopg is not refused"
    assert "MissingGreenlet" in printed and "run_migrations_online" in printed
    return "test_upgrade: MissingGreenlet with the default env.py, passes with the async one"


FUNCTION = """
from alembic_utils.pg_function import PGFunction
from alembic_utils.replaceable_entity import register_entities
from sqlalchemy import MetaData

target_metadata = MetaData()
body = "returns integer as $$ select 42 $$ language sql"
register_entities([PGFunction("public", "answer()", body)])


def run_migrations_offline"""


def alembic_utils():
    """With the async `env.py`, alembic_utils renders a changed function, and what to go back to; PostgreSQL only."""
    if make_url(URL).get_backend_name() != "postgresql":
        return "not for this database"
    config = project("async")
    command.upgrade(config, "head")

    async def create():
        engine = create_async_engine(URL)
        async with engine.begin() as connection:
            body = "returns integer as $$ select 41 $$ language sql"
            await connection.execute(text(f"create function answer() {body}"))
        await engine.dispose()

    asyncio.run(create())
    env = Path("migrations/env.py")
    env.write_text(env.read_text().replace("\ndef run_migrations_offline", FUNCTION))
    quietly(command.revision, config, rev_id="second", autogenerate=True)
    [revision] = Path("migrations/versions").glob("second*.py")
    written = revision.read_text()
    assert "select 42" in written and "select 41" in written
    return "a changed function was rendered, with the old one in downgrade()"


FACTS = (
    frames,
    commands,
    running_loop,
    sync_driver,
    second_init,
    multidb,
    pytest_alembic,
    alembic_utils,
)


def main():
    for fact in FACTS:
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            print(f"{fact.__name__.replace('_', '-')}: {fact()}")


main()
