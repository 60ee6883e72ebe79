from factory import Factory, Sequence, SubFactory
from models import Organization, User


# --8<-- [start:example]
class OrganizationFactory(Factory):
    class Meta:
        model = Organization

    name = "Library"


class UserFactory(Factory):
    class Meta:
        model = User

    name = Sequence("user{}".format)
    organization = SubFactory(OrganizationFactory)


async def test_factory(session):
    user = UserFactory()
    session.add(user)
    await session.commit()
    assert user.organization.id
    # --8<-- [end:example]
