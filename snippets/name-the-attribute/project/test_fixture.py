import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from users import Base, User, alice


async def read():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(alice())
        await session.commit()
    async with AsyncSession(engine) as session:
        user = await session.scalar(select(User))
        return user.organization.name


@pytest.fixture(scope="session")
def name():
    return asyncio.run(read())


def test_name(name):
    assert name == "Library"
