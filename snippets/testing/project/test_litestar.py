from httpx import ASGITransport, AsyncClient
from litestar import Litestar, get
from litestar.testing import AsyncTestClient
from models import User
from sqlalchemy import select


def app(Session):
    @get("/")
    async def name() -> str:
        async with Session() as session:
            user = await session.scalar(select(User))
            return user.name

    return Litestar([name], logging_config=None)


async def add_alice(session):
    session.add(User(name="alice"))
    await session.commit()


# --8<-- [start:example]
async def test_httpx_client(Session, session):
    await add_alice(session)
    async with AsyncClient(
        transport=ASGITransport(app(Session)),
        base_url="http://test",
    ) as client:
        response = await client.get("/")
    assert response.text == "alice"


async def test_litestar_client(Session, session):
    await add_alice(session)
    async with AsyncTestClient(app(Session)) as client:
        response = await client.get("/")
    assert response.status_code == 200
    # --8<-- [end:example]
