# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import AsyncAdaptedQueuePool, select
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
engine = create_async_engine(URL, poolclass=AsyncAdaptedQueuePool)
new_session = async_sessionmaker(engine)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


async def count_connections(scope: str) -> None:
    async with new_session() as session:
        await session.scalar(select(1))
        print(f"{scope}, connections in use: {engine.pool.checkedout()}")


# --8<-- [start:example]
Default = Annotated[AsyncSession, Depends(get_session)]
early = Depends(get_session, scope="function")
Short = Annotated[AsyncSession, early]


@app.get("/default")
async def default(session: Default, tasks: BackgroundTasks):
    await session.scalar(select(1))
    tasks.add_task(count_connections, "default scope")


@app.get("/short")
async def short(session: Short, tasks: BackgroundTasks):
    await session.scalar(select(1))
    tasks.add_task(count_connections, "function scope")


# --8<-- [end:example]


async def main() -> None:
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.get("/default")
        await client.get("/short")
    await engine.dispose()


asyncio.run(main())
