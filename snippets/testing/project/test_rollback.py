from models import User
from sqlalchemy import func, select


# --8<-- [start:example]
async def count(session):
    return await session.scalar(select(func.count(User.id)))


async def test_commit(session):
    session.add(User(name="alice"))
    await session.commit()
    assert await count(session) == 1


async def test_rollback(session):
    session.add(User(name="alice"))
    await session.commit()
    session.add(User(name="bob"))
    await session.flush()
    await session.rollback()
    assert await count(session) == 1


async def test_starts_empty(session):
    assert await count(session) == 0
    # --8<-- [end:example]
