# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")

# --8<-- [start:example]
engine = create_async_engine(url)


async def ping() -> str:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return "ready"


async def request(name: str) -> None:
    results = await asyncio.gather(
        ping(),
        return_exceptions=True,
    )
    [result] = results
    if isinstance(result, Exception):
        result = type(result).__name__
    print(f"{name}: {result}")


for name in ("alice", "bob", "carol", "dave"):
    asyncio.run(request(name))
# --8<-- [end:example]
