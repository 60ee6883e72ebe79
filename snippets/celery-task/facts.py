# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "aiosqlite>=0.22,<1",
#   "psycopg[binary]>=3.3,<4",
#   "celery>=5.7,<6",
#   "apscheduler>=3.11,<4",
# ]
# ///
"""What the page `celery-task` says beyond its example, each sentence asserted by a run, with asyncpg unless it says otherwise."""

import asyncio
import functools
import logging
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import Future

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler
from celery import Celery
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
engine = create_async_engine(url)

WORKER = ["worker", "--pool=prefork", "--concurrency=1", "--loglevel=ERROR"]
app = Celery()
# After three tasks, a worker process is replaced.
app.conf.worker_max_tasks_per_child = 3


def keep_messages_in(folder):
    """Let tasks and results be rows of SQLite, so that no broker has to be there."""
    app.conf.broker_url = f"sqla+sqlite:///{folder}/tasks.db"
    app.conf.result_backend = f"db+sqlite:///{folder}/results.db"


async def greet(engine, name):
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
    return f"hello, {name}"


@app.task(name="welcome")
def welcome(name, engine=engine, run=asyncio.run):
    return run(greet(engine, name))


def outcome(result):
    """What a task returned, or else its traceback."""
    result.get(propagate=False, interval=0.05, timeout=25)
    return str(result.traceback or result.result)


@functools.cache
def in_a_worker():
    """What five tasks did, one after the other, in a worker whose processes run three tasks each."""
    with tempfile.TemporaryDirectory() as folder:
        keep_messages_in(folder)
        worker = subprocess.Popen(
            [sys.executable, __file__, folder],
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            results = [welcome.delay(name) for name in ("a", "b", "c", "d", "e")]
            return [outcome(result) for result in results]
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def second_task():
    """In each process of a prefork worker, the first task works, and the second is refused."""
    first, second, _, first_of_next, second_of_next = in_a_worker()
    assert (first, first_of_next) == ("hello, a", "hello, d")
    for refused in (second, second_of_next):
        assert "RuntimeError: " in refused and "attached to a different loop" in refused
    return "in two processes, task 1 passed and task 2 was attached to a different loop"


def third_task():
    """The tasks after those raise `another operation is in progress`."""
    third = in_a_worker()[2]
    assert "sqlalchemy.exc.InterfaceError: " in third
    assert "another operation is in progress" in third
    return "task 3 raised InterfaceError: another operation is in progress"


def run_two_tasks(engine, run=asyncio.run):
    """The connections and the statements of two tasks."""
    connected, statements = [], []
    event.listen(engine.sync_engine, "connect", lambda *_: connected.append(1))
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda *_: statements.append(1),
    )
    for name in ("alice", "bob"):
        welcome.apply((name, engine, run)).get()
    return len(connected), len(statements)


def other_drivers():
    """aiosqlite and psycopg serve both tasks with one connection."""
    for other in (
        "sqlite+aiosqlite://",
        make_url(url).set(drivername="postgresql+psycopg"),
    ):
        engine = create_async_engine(other)
        assert run_two_tasks(engine) == (1, 2)
        asyncio.run(engine.dispose())
    return "aiosqlite and psycopg: one connection served both tasks"


def connections():
    """With `NullPool` each of two tasks opens a connection, with one loop they share one; the statements are the same."""
    assert run_two_tasks(create_async_engine(url, poolclass=NullPool)) == (2, 2)
    engine = create_async_engine(url)
    with asyncio.Runner() as runner:
        assert run_two_tasks(engine, runner.run) == (1, 2)
        runner.run(engine.dispose())
    return "NullPool: 2 connections, one loop: 1, with 2 statements each"


def sync_engine():
    """A synchronous engine serves both tasks with one connection, and sends as many statements."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    connected, statements = [], []
    event.listen(engine, "connect", lambda *_: connected.append(1))
    event.listen(engine, "before_cursor_execute", lambda *_: statements.append(1))
    for _ in range(2):
        with Session(engine) as session:
            session.execute(text("SELECT 1"))
    engine.dispose()
    assert (len(connected), len(statements)) == (1, 2)
    return "1 connection, 2 statements"


def started(scheduler, job):
    """A job of APScheduler as a future: what it returns, or the error that it raises."""
    finished = Future()
    scheduler.add_listener(
        lambda done: finished.set_result(done.exception or done.retval),
        EVENT_JOB_ERROR | EVENT_JOB_EXECUTED,
    )
    scheduler.add_job(job)
    scheduler.start()
    return finished


async def run_job(job):
    """What a job of a scheduler in this loop returned."""
    scheduler = AsyncIOScheduler()
    result = await asyncio.wrap_future(started(scheduler, job))
    scheduler.shutdown()
    return str(result)


def run_job_in_a_thread(job):
    """What a job of a scheduler with threads of its own returned or raised, while no loop runs in this one."""
    scheduler = BackgroundScheduler()
    result = started(scheduler, job).result()
    scheduler.shutdown()
    return str(result)


def apscheduler():
    """`asyncio.run()` in a job of APScheduler is refused; an `async def` job of AsyncIOScheduler isn't."""
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    engine = create_async_engine(url)

    def run_in_job():
        return asyncio.run(greet(engine, "alice"))

    async def await_in_job():
        return await greet(engine, "bob")

    with asyncio.Runner() as runner:
        runner.run(greet(engine, "main"))
        awaited = runner.run(run_job(await_in_job))
        refused = run_job_in_a_thread(run_in_job)
        runner.run(engine.dispose())
    assert awaited == "hello, bob"
    assert "attached to a different loop" in refused
    return f"async def in AsyncIOScheduler: {awaited}; asyncio.run(): refused"


if sys.argv[1:]:
    keep_messages_in(sys.argv[1])
    app.worker_main(WORKER)
else:
    for fact in (
        second_task,
        third_task,
        other_drivers,
        connections,
        sync_engine,
        apscheduler,
    ):
        print(f"{fact.__name__.replace('_', '-')}: {fact()}")
