import pytest
from sqlalchemy import select
from users import User

pytest_plugins = ["users"]
pytestmark = pytest.mark.anyio


# --8<-- [start:example]
async def test_relationship(session):
    user = await session.scalar(select(User))
    assert user.organization.name == "Library"


async def test_collection(session):
    user = await session.scalar(select(User))
    assert len(user.posts) == 1


async def test_expired(session):
    user = await session.scalar(select(User))
    user.name = "bob"
    await session.commit()
    assert user.updated_at


async def test_deferred(session):
    user = await session.scalar(select(User))
    assert user.bio
    # --8<-- [end:example]
