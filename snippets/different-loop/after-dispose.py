# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import (
    text,
)
from sqlalchemy.ext.asyncio import create_async_engine

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")

# --8<-- [start:example]
engine = create_async_engine(url)


async def ping(name: str) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    print(f"{name} ready")


async def main(*names: str) -> None:
    for name in names:
        await asyncio.create_task(ping(name), name=name)
    await engine.dispose()


asyncio.run(main("alice"))
asyncio.run(main("bob"))
# --8<-- [end:example]
