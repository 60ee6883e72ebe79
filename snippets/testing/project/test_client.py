import pytest
from app import app, get_session
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient
from models import Organization, User
from sqlalchemy import select


# --8<-- [start:example]
@pytest.fixture
async def client(Session):
    async def get_test_session():
        async with Session() as session:
            yield session

    app.dependency_overrides[get_session] = get_test_session
    async with AsyncClient(
        transport=ASGITransport(app),
        base_url="http://test",
    ) as client:
        yield client
    app.dependency_overrides.clear()


async def test_post(client, session):
    await client.post("/users", params={"name": "alice"})
    user = await session.scalar(select(User))
    assert user.name == "alice"


async def test_lazy_load(client, session):
    library = Organization(name="Library")
    alice = User(name="alice", organization=library)
    session.add(alice)
    await session.commit()
    url = f"/users/{alice.id}/organization"
    response = await client.get(url)
    assert response.json() == "Library"


async def test_shared_session(client, session):
    app.dependency_overrides[get_session] = lambda: session
    await test_lazy_load(client, session)


def test_test_client(client):
    with TestClient(app) as client:
        client.post("/users", params={"name": "alice"})
        # --8<-- [end:example]
