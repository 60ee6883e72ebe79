# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:example]
async def create(drivername: str):
    return create_async_engine(URL.create(drivername))


async def main() -> None:
    drivernames = "sqlite+aiosqlite", "postgresql+asyncpg"
    for drivername in drivernames:
        print(drivername)
        [engine] = await asyncio.gather(
            create(drivername),
            return_exceptions=True,
        )
        if isinstance(engine, Exception):
            print("  create_async_engine() raises")
            print(f"  {engine!r}")
            continue
        async with engine.connect() as connection:
            query = text("SELECT 42")
            print(f"  {await connection.scalar(query)}")
        await engine.dispose()


# --8<-- [end:example]

asyncio.run(main())
