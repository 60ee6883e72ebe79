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
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))

    # --8<-- [start:example]
    query = "SELECT name FROM users ORDER BY name"
    frame = pd.read_sql(query, engine)  # raises AttributeError
    print(f"names: {frame['name'].tolist()}")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
