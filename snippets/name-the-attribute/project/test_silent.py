import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer
from users import Base, User, alice

pytest_plugins = ["users"]
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("load", [selectinload, joinedload])
async def test_eager_load(session, load):
    options = load(User.organization), load(User.posts), undefer(User.bio)
    user = await session.scalar(select(User).options(*options))
    assert user.organization
    assert user.posts
    assert user.bio


async def test_awaitable_attrs(session):
    user = await session.scalar(select(User))
    assert await user.awaitable_attrs.organization
    assert await user.awaitable_attrs.posts
    assert await user.awaitable_attrs.bio


async def test_refresh(session):
    user = await session.scalar(select(User))
    session.expire(user)
    await session.refresh(user, ["name", "bio", "organization", "posts"])
    assert user.name
    assert user.bio
    assert user.organization
    assert user.posts


async def test_run_sync(session):
    user = await session.scalar(select(User))

    def read_all(_session):
        session.expire(user)
        return user.name and user.bio and user.organization and user.posts

    assert await session.run_sync(read_all)


def test_sync_engine():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(alice())
        session.commit()
        user = session.scalar(select(User))
        assert user.name
        assert user.bio
        assert user.organization
        assert user.posts
    engine.dispose()
