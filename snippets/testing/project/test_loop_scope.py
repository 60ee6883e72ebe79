import os

import pytest
import pytest_asyncio
from models import Base, User
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")


# --8<-- [start:example]
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine():
    engine = create_async_engine(URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def session(engine):
    async with AsyncSession(engine) as session:
        yield session
        # --8<-- [end:example]


async def test_one(session):
    assert await session.scalar(select(User)) is None


async def test_two(session):
    assert await session.scalar(select(User)) is None
