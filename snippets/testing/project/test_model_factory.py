from factory.alchemy import SQLAlchemyModelFactory
from models import User


# --8<-- [start:example]
class UserModelFactory(SQLAlchemyModelFactory):
    class Meta:
        model = User
        sqlalchemy_session_persistence = "flush"

    name = "alice"


def create_in(session):
    UserModelFactory._meta.sqlalchemy_session = session
    return UserModelFactory()


async def test_run_sync(session):
    user = await session.run_sync(create_in)
    assert user.id


async def test_async_session(session):
    user = create_in(session)
    assert user.id


async def test_sync_session(session):
    user = create_in(session.sync_session)
    assert user.id
    # --8<-- [end:example]


class ExistingUserFactory(UserModelFactory):
    class Meta:
        sqlalchemy_get_or_create = ("name",)


async def test_get_or_create(session):
    ExistingUserFactory._meta.sqlalchemy_session = session
    ExistingUserFactory()


def create_two_in(session):
    ExistingUserFactory._meta.sqlalchemy_session = session
    return ExistingUserFactory(), ExistingUserFactory()


async def test_get_or_create_in_run_sync(session):
    first, second = await session.run_sync(create_two_in)
    assert first is second
