# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "apscheduler>=3.11,<4",
#   "fastapi>=0.115,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `no-event-loop` says beyond its example, each sentence asserted by a run."""

import asyncio
import logging
import os
import threading
import warnings
from concurrent.futures import Future

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")

NO_CURRENT = "There is no current event loop in thread"
NO_RUNNING = "no running event loop"
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)


async def ping(engine):
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT 42"))


def refused(call, expected):
    """The message of the RuntimeError with which `call()` is refused."""
    try:
        call()
    except RuntimeError as error:
        assert expected in str(error), error
        return str(error)
    raise AssertionError("the call was not refused")


def refused_here(call=asyncio.get_event_loop, expected=NO_CURRENT):
    return refused(call, expected)


async def thread_name(_):
    """The message names the thread: `asyncio_0` for `asyncio.to_thread()` and `run_in_executor()`."""
    loop = asyncio.get_running_loop()
    one = await asyncio.to_thread(refused_here)
    other = await loop.run_in_executor(None, refused_here)
    assert {one, other} <= {f"{NO_CURRENT} 'asyncio_{number}'." for number in (0, 1)}
    return one.replace("asyncio_1", "asyncio_0")


async def create_task(engine):
    """`create_task()` and `get_running_loop()` say `no running event loop`, and leave a coroutine that was never awaited."""

    def create():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            refused(lambda: asyncio.create_task(ping(engine)), NO_RUNNING)
        [warning] = caught
        return str(warning.message)

    await asyncio.to_thread(refused, asyncio.get_running_loop, NO_RUNNING)
    warning = await asyncio.to_thread(create)
    assert warning == "coroutine 'ping' was never awaited"
    return f"{NO_RUNNING}; {warning}"


async def same_connection(engine):
    """`run_coroutine_threadsafe()` runs the coroutine in the loop of the engine, with the connection from its pool."""
    connected = []
    event.listen(engine.sync_engine, "connect", lambda *_: connected.append(1))
    await ping(engine)
    loop = asyncio.get_running_loop()

    def in_thread():
        return asyncio.run_coroutine_threadsafe(ping(engine), loop).result()

    assert await asyncio.to_thread(in_thread) == 42
    assert len(connected) == 1
    return "1 connection"


def gives_up(future):
    """Whether `result()` waits in vain."""
    try:
        future.result(timeout=0.1)
    except TimeoutError:
        return True
    return False


async def blocked(engine):
    """`result()` waits in vain in the thread of the loop, and in another thread while that of the loop joins it."""
    loop, seen = asyncio.get_running_loop(), []

    def in_thread():
        future = asyncio.run_coroutine_threadsafe(ping(engine), loop)
        seen.append((future, gives_up(future)))

    in_thread()
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    for future, gave_up in seen:
        assert gave_up
        assert await asyncio.wrap_future(future) == 42
    return "in the loop's thread, and in a thread that it joins: TimeoutError, and 42 afterwards"


async def own_loop(_):
    """In a thread, `asyncio.run()` runs a coroutine each time if the engine has `NullPool` and no other loop uses it."""
    engine = create_async_engine(url, poolclass=NullPool)

    def in_thread():
        refused_here()
        return [asyncio.run(ping(engine)) for _ in range(2)]

    assert await asyncio.to_thread(in_thread) == [42, 42]
    return "asyncio.run() twice: 42, 42"


def main_thread():
    """Once `asyncio.run()` has ended, `get_event_loop()` is refused in the main thread, too."""
    said = refused_here()
    assert said == f"{NO_CURRENT} 'MainThread'."
    return said


async def fastapi(engine):
    """In a `def` endpoint of FastAPI the thread is an `AnyIO worker thread`; an `async def` endpoint can await."""
    app = FastAPI()

    @app.get("/def")
    def in_thread() -> str:
        return refused_here()

    @app.get("/async-def")
    async def in_loop() -> int:
        return await ping(engine)

    async with AsyncClient(transport=ASGITransport(app), base_url="http://a") as client:
        said = (await client.get("/def")).json()
        assert said == f"{NO_CURRENT} 'AnyIO worker thread'."
        assert (await client.get("/async-def")).json() == 42
    return said


async def outcome(scheduler, job):
    """What one run of a job returned, or the error that it raised."""
    loop, finished = asyncio.get_running_loop(), Future()

    def finish(done):
        finished.set_result(done.exception or done.retval)

    scheduler.add_listener(finish, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED)
    scheduler.add_job(job)
    scheduler.start()
    result = await asyncio.wrap_future(finished, loop=loop)
    await asyncio.to_thread(scheduler.shutdown)
    return result


async def apscheduler(engine):
    """AsyncIOScheduler awaits an `async def` job in the loop, and runs a `def` job in a thread."""

    async def awaited():
        return await ping(engine)

    def in_thread():
        return refused_here()

    assert await outcome(AsyncIOScheduler(), awaited) == 42
    said = await outcome(AsyncIOScheduler(), in_thread)
    assert said.startswith(f"{NO_CURRENT} 'asyncio_"), said
    return "async def: 42; def: no current event loop"


async def background_scheduler(engine):
    """BackgroundScheduler runs a `def` job in a thread, and doesn't await an `async def` job."""

    async def not_awaited():
        return await ping(engine)

    def in_thread():
        return refused_here()

    coroutine = await outcome(BackgroundScheduler(), not_awaited)
    assert asyncio.iscoroutine(coroutine)
    coroutine.close()
    said = await outcome(BackgroundScheduler(), in_thread)
    assert said.startswith(f"{NO_CURRENT} 'ThreadPoolExecutor-"), said
    return "async def: a coroutine; def: no current event loop"


async def library(_engine):
    """A library's method that is moved to a thread and calls `get_event_loop()` works if that thread has a loop."""
    own = create_async_engine(url, poolclass=NullPool)

    def documents():
        return asyncio.get_event_loop().run_until_complete(ping(own))

    def with_loop():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return documents()
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    await asyncio.to_thread(refused, documents, NO_CURRENT)
    assert await asyncio.to_thread(with_loop) == 42
    return "in a thread: no current event loop; in a thread with a loop: 42"


async def main() -> None:
    for fact in (
        thread_name,
        create_task,
        same_connection,
        blocked,
        own_loop,
        fastapi,
        apscheduler,
        background_scheduler,
        library,
    ):
        engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
        await engine.dispose()


asyncio.run(main())
print(f"main-thread: {main_thread()}")
