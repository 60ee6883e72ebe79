# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "psycopg[binary]>=3.3,<4"]
# ///
import asyncio
import os

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

URL = os.environ.get("DATABASE_URL", "postgresql+psycopg://localhost/postgres")


# --8<-- [start:example]
async def answer(drivername: str) -> int:
    url = make_url(URL).set(drivername=drivername)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        result = await connection.scalar(text("SELECT 42"))
    await engine.dispose()
    return result


async def main() -> None:
    for drivername in (
        "oracle+oracledb_async",
        "postgresql",
        "postgresql+psycopg",
    ):
        [outcome] = await asyncio.gather(
            answer(drivername),
            return_exceptions=True,
        )
        if isinstance(outcome, Exception):
            outcome = type(outcome).__name__
        print(f"{drivername:<21}  {outcome}")


# --8<-- [end:example]


asyncio.run(main())
