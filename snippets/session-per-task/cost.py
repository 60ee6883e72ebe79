# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

URL = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")


async def measure(tasks: int) -> None:
    engine = create_async_engine(URL)
    new_session = async_sessionmaker(engine)
    connections, statements = [], []

    @event.listens_for(engine.sync_engine.pool, "connect")
    def connected(connection, _record):
        connections.append(connection)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def executed(_connection, _cursor, statement, *_):
        statements.append(statement)

    # --8<-- [start:example]
    async def read(number: int) -> None:
        async with new_session() as session:
            await session.scalar(select(number))

    async with asyncio.TaskGroup() as group:
        for number in range(tasks):
            group.create_task(read(number))
    # --8<-- [end:example]

    print(f"{tasks:5}  {len(statements):10}  {len(connections):11}")
    await engine.dispose()


async def main() -> None:
    print("tasks  statements  connections")
    for tasks in (1, 10, 100):
        await measure(tasks)


asyncio.run(main())
