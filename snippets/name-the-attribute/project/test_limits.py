import pytest
from sqlalchemy import select
from users import Manager, Organization, User, alice

pytest_plugins = ["users"]
pytestmark = pytest.mark.anyio


# --8<-- [start:example]
async def test_pending_flush(session):
    user = await session.scalar(select(User))
    session.add(Organization(name="Archive"))
    assert user.posts


async def test_subclass_column(session):
    session.add(alice(Manager))
    await session.commit()
    session.expunge_all()
    managers = select(User).where(User.role == "manager")
    manager = await session.scalar(managers)
    assert manager.budget is None


async def test_identity_map(session):
    user = await session.scalar(select(User))
    library = await session.scalar(select(Organization))
    assert user.organization is library


async def test_dynamic(session):
    user = await session.scalar(select(User))
    assert list(user.feed)


async def test_sync_session(session):
    assert session.sync_session.scalar(select(User))


async def test_sync_flush(session):
    session.add(alice())
    session.sync_session.flush()
    # --8<-- [end:example]
