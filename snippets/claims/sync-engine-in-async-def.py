# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

SLOW = text(
    "WITH RECURSIVE numbers(n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)"
    " SELECT count(*) FROM numbers AS a, numbers AS b WHERE b.n <= 300"
)
SYNC = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
ticks = 0


async def heartbeat() -> None:
    global ticks
    while True:
        ticks += 1
        await asyncio.sleep(0)


# --8<-- [start:example]
async def sync_query(engine) -> None:
    start = ticks
    with engine.connect() as connection:
        rows = connection.scalar(SLOW)
    print(f"sync engine: {rows} rows")
    print(f"  event loop went on: {ticks > start}")
    print(f"  heartbeats: {ticks - start}")


async def async_query(engine) -> None:
    start = ticks
    async with engine.connect() as connection:
        rows = await connection.scalar(SLOW)
    print(f"async engine: {rows} rows")
    print(f"  event loop went on: {ticks > start}")


# --8<-- [end:example]


async def main() -> None:
    url = make_url(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async_engine = create_async_engine(url)
    backend = url.get_backend_name()
    sync_engine = create_engine(url.set(drivername=SYNC.get(backend, backend)))
    task = asyncio.create_task(heartbeat())
    await asyncio.sleep(0)

    await sync_query(sync_engine)
    await async_query(async_engine)

    task.cancel()
    sync_engine.dispose()
    await async_engine.dispose()


asyncio.run(main())
