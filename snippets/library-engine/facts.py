# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "apscheduler>=3.11,<4",
#   "celery>=5.7,<6",
#   "psycopg[binary]>=3.3,<4",
#   "sqlalchemy-utils>=0.41,<1",
# ]
# ///
"""What the page `library-engine` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import sqlite3
import tempfile
import traceback

import sqlalchemy
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from celery import Celery
from sqlalchemy import MetaData, create_engine, inspect, make_url, text
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
DRIVER = make_url(URL).get_driver_name()


class Base(DeclarativeBase):
    pass


class Reflected(DeferredReflection):
    __abstract__ = True


class User(Reflected, Base):
    __tablename__ = "users"


def refused(call, error=MissingGreenlet):
    """The frames of the error of exactly this class that `call()` raises, as `package/file.py function`."""
    try:
        call()
    except (MissingGreenlet, AttributeError) as raised:
        assert type(raised) is error, raised
        return [
            f"{frame.filename.rpartition('site-packages/')[2]} {frame.name}"
            for frame in traceback.extract_tb(raised.__traceback__)
        ]
    raise AssertionError("the call was not refused")


def before_the_engine(frames):
    """The last frame above SQLAlchemy's first one, which has `raw_connection` below it."""
    frames = [frame for frame in frames if "contextlib.py" not in frame]
    first = next(
        at for at, frame in enumerate(frames) if frame.startswith("sqlalchemy/")
    )
    assert any(frame.endswith(" raw_connection") for frame in frames[first:])
    return frames[first - 1]


def start(**options):
    """What the scheduler does with its job store as it starts."""
    store = SQLAlchemyJobStore(**options)
    store.start(AsyncIOScheduler(), "default")
    store.shutdown()


async def frames():
    """Plain `MissingGreenlet`; `raw_connection` is there, called from a frame of the library."""
    if DRIVER == "psycopg":
        start(url=URL)
        return "psycopg is not refused"
    found = before_the_engine(refused(lambda: start(url=URL)))
    assert found == "apscheduler/jobstores/sqlalchemy.py start"
    return f"{found}, then raw_connection"


async def created_at_once():
    """`SQLAlchemyJobStore(url=…)` returns; `start()` of the scheduler is refused."""
    store = SQLAlchemyJobStore(url=URL)
    assert store.engine.driver == DRIVER
    if DRIVER == "psycopg":
        return "psycopg is not refused"
    scheduler = AsyncIOScheduler(jobstores={"default": store})
    refused(scheduler.start)
    return "SQLAlchemyJobStore() returned, start() was refused"


async def celery():
    """Celery's database backend."""
    app = Celery(broker="memory://", backend=f"db+{URL}")
    if DRIVER == "psycopg":
        assert app.backend
        return "psycopg is not refused"
    found = before_the_engine(refused(lambda: app.backend))
    assert found.startswith("celery/backends/database/")
    return f"{found}, then raw_connection"


async def utils():
    """SQLAlchemy-Utils on 2.0: both functions are refused, but not with psycopg, nor `database_exists()` on SQLite; no import on 2.1."""
    if sqlalchemy.__version__ >= "2.1":
        refused(lambda: __import__("sqlalchemy_utils"), AttributeError)
        return "SQLAlchemy-Utils could not be imported"
    from sqlalchemy_utils import create_database, database_exists, drop_database

    with tempfile.TemporaryDirectory() as folder:
        is_sqlite = DRIVER == "aiosqlite"
        new = f"{folder}/new.db" if is_sqlite else f"new_{make_url(URL).database}"
        new_url = make_url(URL).set(database=new)
        if DRIVER == "psycopg":
            create_database(new_url)
            assert database_exists(new_url)
            drop_database(new_url)
            assert not database_exists(new_url)
            return "psycopg: both work"
        found = [refused(lambda: create_database(new_url))]
        if is_sqlite:
            assert not database_exists(new_url)
            with sqlite3.connect(new) as connection:
                connection.execute("CREATE TABLE users (id)")
            assert database_exists(new_url)
        else:
            found.append(refused(lambda: database_exists(new_url)))
    for frames in found:
        assert before_the_engine(frames).startswith("sqlalchemy_utils/")
    exists = "database_exists() works" if is_sqlite else "database_exists() too"
    return f"create_database() refused, from a frame of sqlalchemy_utils; {exists}"


async def async_engine():
    """An async engine: `AttributeError` with `_run_ddl_visitor`. Its `sync_engine`: MissingGreenlet, with psycopg too."""
    engine = create_async_engine(URL)
    refused(lambda: start(engine=engine), AttributeError)
    found = before_the_engine(refused(lambda: start(engine=engine.sync_engine)))
    assert found == "apscheduler/jobstores/sqlalchemy.py start"
    await engine.dispose()
    return "engine: AttributeError; sync_engine: MissingGreenlet"


async def same_url():
    """`postgresql+psycopg://` serves `create_engine()` and `create_async_engine()`."""
    engine, sync_engine = create_async_engine(URL), create_engine(URL)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 42")) == 42
    await engine.dispose()
    if DRIVER == "psycopg":
        with sync_engine.connect() as connection:
            assert connection.scalar(text("SELECT 42")) == 42
        sync_engine.dispose()
        return "both engines answered"
    refused(sync_engine.connect)
    return "the sync engine was refused"


async def psycopg_async():
    """`postgresql+psycopg_async://` is refused in `create_engine()`; `postgresql+psycopg://` isn't."""
    url = "postgresql+psycopg_async://localhost/postgres"
    refused(create_engine(url).connect)
    if DRIVER == "psycopg":
        engine = create_async_engine(
            make_url(URL).set(drivername="postgresql+psycopg_async")
        )
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 42")) == 42
        await engine.dispose()
    return "refused in create_engine()"


async def inspects():
    """`inspect()` of a sync engine is refused, and so is `reflect()`, which calls it; psycopg isn't."""
    engine = create_engine(URL)
    for call in (lambda: inspect(engine), lambda: MetaData().reflect(engine)):
        if DRIVER == "psycopg":
            call()
        else:
            frames = refused(call)
            assert any("engine/reflection.py" in frame for frame in frames)
    return "psycopg is not refused" if DRIVER == "psycopg" else "reflection.py: refused"


async def reflection():
    """`DeferredReflection.prepare()` with a sync engine is refused; in `run_sync()` it works."""
    engine = create_async_engine(URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS users"))
        await connection.execute(text("CREATE TABLE users (id INTEGER PRIMARY KEY)"))
    if DRIVER != "psycopg":
        found = refused(lambda: Reflected.prepare(create_engine(URL)))
        assert any(frame.endswith("extensions.py prepare") for frame in found)
    async with engine.connect() as connection:
        await connection.run_sync(Reflected.prepare)
    assert "id" in User.__table__.columns
    await engine.dispose()
    seen = "psycopg is not refused" if DRIVER == "psycopg" else "refused"
    return f"{seen}; run_sync(Reflected.prepare) found users.id"


FACTS = (
    frames,
    created_at_once,
    celery,
    utils,
    inspects,
    async_engine,
    same_url,
    psycopg_async,
    reflection,
)


async def main():
    for fact in FACTS:
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")


asyncio.run(main())
