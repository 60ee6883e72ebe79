# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import AsyncAdaptedQueuePool, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)

    # --8<-- [start:example]
    async def ping(name: str) -> str:
        async with AsyncSession(engine) as session:
            await session.execute(select(1))
        return f"{name} ready"

    alice = asyncio.create_task(ping("alice"))
    print(await ping("bob"))
    print(await alice)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
