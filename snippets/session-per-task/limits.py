# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import AsyncAdaptedQueuePool, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")


async def main() -> None:
    engine = create_async_engine(
        URL,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=0.1,
    )
    new_session = async_sessionmaker(engine)

    # --8<-- [start:example]
    async def inner() -> None:
        async with new_session() as session:
            await session.scalar(select(2))

    async def outer() -> None:
        async with new_session() as session:
            await session.scalar(select(1))
            await inner()

    call = outer()
    [error] = await asyncio.gather(call, return_exceptions=True)
    # --8<-- [end:example]
    print(f"{type(error).__name__}:", *error.args)

    await engine.dispose()


asyncio.run(main())
