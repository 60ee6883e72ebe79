import pytest
from models import User
from sqlalchemy import select


# --8<-- [start:example]
@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


async def test_commit(session):
    session.add(User(name="alice"))
    await session.commit()
    assert await session.scalar(select(User))


async def test_starts_empty(session):
    assert await session.scalar(select(User)) is None
    # --8<-- [end:example]
