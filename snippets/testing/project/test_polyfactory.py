from models import User
from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory


# --8<-- [start:example]
class UserFactory(SQLAlchemyFactory[User]):
    id = None
    __set_relationships__ = True


async def test_build(session):
    user = UserFactory.build()
    session.add(user)
    await session.commit()
    assert user.organization.id


async def test_create_async(session):
    UserFactory.__async_session__ = session
    user = await UserFactory.create_async()
    assert user.organization.id
    # --8<-- [end:example]


async def test_refresh(session):
    UserFactory.__async_session__ = session
    user = await UserFactory.create_async()
    await session.refresh(user, ["organization"])
    assert user.organization.id


async def test_create_sync(session):
    UserFactory.__session__ = session.sync_session
    UserFactory.create_sync()


def test_primary_key():
    factory = SQLAlchemyFactory.create_factory(User)
    assert factory.build().id is not None
    assert UserFactory.build().id is None
