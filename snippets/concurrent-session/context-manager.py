# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import AsyncAdaptedQueuePool, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)

    # --8<-- [start:example]
    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    async def with_async_for() -> None:
        async for session in get_session():
            await session.scalar(select(42))
            return

    open_session = asynccontextmanager(get_session)

    async def with_async_with() -> None:
        async with open_session() as session:
            await session.scalar(select(42))
            return

    for function in with_async_with, with_async_for:
        await function()
        in_use = engine.pool.checkedout()
        print(f"{function.__name__}: {in_use} in use")
    # --8<-- [end:example]

    while engine.pool.checkedout():
        await asyncio.sleep(0)
    await engine.dispose()


asyncio.run(main())
