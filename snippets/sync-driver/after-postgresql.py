# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio

from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    # --8<-- [start:example]
    url = "postgresql+asyncpg://localhost/postgres"
    engine = create_async_engine(url)
    print(engine.url)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
