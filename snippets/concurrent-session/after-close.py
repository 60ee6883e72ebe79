# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import AsyncAdaptedQueuePool, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost")
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)

    # --8<-- [start:example]
    async def ping(name: str, session: AsyncSession) -> str:
        await session.execute(select(1))
        return f"{name} ready"

    async with AsyncSession(engine) as session:
        alice = asyncio.create_task(ping("alice", session))
        await asyncio.sleep(0)
        print(await alice)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
