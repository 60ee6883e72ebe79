# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2"]
# ///
import asyncio

from sqlalchemy.util import await_only, greenlet_spawn
from sqlalchemy.util.concurrency import in_greenlet


def say(text: str) -> None:
    lane = "greenlet" if in_greenlet() else "event loop"
    print(f"{lane:<10} | {text}")


def answer(reply: asyncio.Future[str]) -> None:
    say("other work: the reply arrives")
    reply.set_result("alice")


# --8<-- [start:example]
async def driver(reply: asyncio.Future[str]) -> str:
    say("driver: awaits the reply")
    return await reply


def orm(reply: asyncio.Future[str]) -> str:
    say("sync code: needs a row")
    name = await_only(driver(reply))
    say(f"sync code: has {name}")
    return name.title()


async def main() -> None:
    loop = asyncio.get_running_loop()
    reply: asyncio.Future[str] = loop.create_future()
    loop.call_soon(answer, reply)
    say("coroutine: awaits greenlet_spawn")
    name = await greenlet_spawn(orm, reply)
    say(f"coroutine: goes on with {name}")
    # --8<-- [end:example]


asyncio.run(main())
