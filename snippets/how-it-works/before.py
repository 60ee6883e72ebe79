# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2"]
# ///
import asyncio

from sqlalchemy.util import (
    await_only,
)


# --8<-- [start:example]
async def driver() -> str:
    print("driver: starts I/O")
    return "alice"


class User:
    @property
    def name(self) -> str:
        print("attribute: needs a row")
        return await_only(driver())  # raises MissingGreenlet


async def main() -> None:
    user = User()
    print(user.name)
    # --8<-- [end:example]


asyncio.run(main())
