import pytest

pytestmark = pytest.mark.anyio
LIBRARY = {"id": 1, "name": "Library"}


async def test_list(client):
    [user] = (await client.get("/users")).json()
    assert user["organization"] == LIBRARY


async def test_show(client):
    user = (await client.get("/users/1")).json()
    assert user["organization"] == LIBRARY
    assert user["posts"] == [{"id": 1, "title": "Maps"}]


async def test_create_organization(client):
    new = {"name": "Archive"}
    response = await client.post("/organizations", json=new)
    assert response.json() == {"id": 2, "name": "Archive"}


async def test_create(client):
    new = {"name": "bob", "organization_id": 1}
    user = (await client.post("/users", json=new)).json()
    assert (user["id"], user["organization"]) == (2, LIBRARY)


async def test_rename(client):
    change = {"name": "alicia"}
    user = (await client.patch("/users/1", json=change)).json()
    assert user["name"] == "alicia"
    assert user["updated_at"] >= user["created_at"]
