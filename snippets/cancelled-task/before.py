# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import AsyncAdaptedQueuePool, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)

    # --8<-- [start:example]
    async with AsyncSession(engine) as session:
        print(await session.scalar(text("SELECT 1")))
        try:
            async with asyncio.timeout(0):
                await session.execute(text("SELECT 'slow'"))
        except TimeoutError:
            print("too slow")
        answer = await session.scalar(text("SELECT 42"))  # raises PendingRollbackError
        print(answer)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
