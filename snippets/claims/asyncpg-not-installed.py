# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:example]
async def answer(drivername: str) -> int:
    engine = create_async_engine(URL.create(drivername))
    async with engine.connect() as connection:
        result = await connection.scalar(text("SELECT 42"))
    await engine.dispose()
    return result


async def main() -> None:
    for drivername in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        [outcome] = await asyncio.gather(
            answer(drivername),
            return_exceptions=True,
        )
        print(f"{drivername:<18}  {outcome!r}")


# --8<-- [end:example]

asyncio.run(main())
