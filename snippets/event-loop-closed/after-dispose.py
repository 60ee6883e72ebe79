# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))


# --8<-- [start:example]
async def read() -> None:
    async with AsyncSession(engine) as session:
        answer = await session.scalar(text("SELECT 42"))
    print(f"answer: {answer}")


def main() -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(read())
    loop.run_until_complete(engine.dispose())
    loop.close()


# --8<-- [end:example]


main()
