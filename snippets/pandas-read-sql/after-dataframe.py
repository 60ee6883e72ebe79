# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pandas>=3.1,<4",
# ]
# ///
import asyncio
import os

import pandas as pd
from sqlalchemy import literal, select, union_all
from sqlalchemy.ext.asyncio import create_async_engine

users = union_all(
    select(literal("alice").label("name")),
    select(literal("bob").label("name")),
).subquery("users")


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))

    # --8<-- [start:example]
    query = select(users.c.name).order_by(users.c.name)
    async with engine.connect() as connection:
        rows = await connection.execute(query)
        frame = pd.DataFrame(rows.all(), columns=rows.keys())
    print(f"names: {frame['name'].tolist()}")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
