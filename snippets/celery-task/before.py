# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1", "celery>=5.7,<6"]
# ///
import asyncio
import os

from celery import Celery
from sqlalchemy import (
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")

app = Celery(broker="memory://")
app.conf.task_always_eager = True
app.conf.task_eager_propagates = True

# --8<-- [start:example]
engine = create_async_engine(url)


async def greet(name: str) -> str:
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))  # raises RuntimeError
    return f"hello, {name}"


async def main(name: str) -> str:
    return await asyncio.create_task(greet(name), name=name)


@app.task
def welcome(name: str) -> str:
    return asyncio.run(main(name))


print(welcome.delay("alice").get())
print(welcome.delay("bob").get())
# --8<-- [end:example]
