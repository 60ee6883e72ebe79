# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import gc
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
engine = create_async_engine(url)


# --8<-- [start:example]
async def read(session: AsyncSession) -> None:
    answer = await session.scalar(text("SELECT 42"))
    print(f"answer: {answer}")
    print(f"not returned: {engine.pool.checkedout()}")
    await engine.dispose()


def main() -> None:
    session = AsyncSession(engine)  # warns RuntimeError: Event loop is closed
    asyncio.run(read(session))


# --8<-- [end:example]


main()
gc.collect()
