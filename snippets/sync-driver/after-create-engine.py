# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2"]
# ///
import os

from sqlalchemy import create_engine, text


def main() -> None:
    # --8<-- [start:example]
    url = os.environ.get("DATABASE_URL", "sqlite://")
    engine = create_engine(url)
    with engine.connect() as connection:
        print(connection.scalar(text("SELECT 42")))
    # --8<-- [end:example]

    engine.dispose()


main()
