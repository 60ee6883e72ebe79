# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker


async def main() -> None:
    # --8<-- [start:example]
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_engine(url)
    Session = sessionmaker(engine)
    with Session() as session:
        print(session.scalar(text("SELECT 42")))  # raises MissingGreenlet
    # --8<-- [end:example]

    engine.dispose()


asyncio.run(main())
