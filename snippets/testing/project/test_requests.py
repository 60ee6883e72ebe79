import asyncio

from fastapi import FastAPI
from fastapi.testclient import TestClient

app = FastAPI()
loops = []


@app.get("/")
async def index() -> None:
    loops.append(asyncio.get_running_loop())


def test_without_with():
    client = TestClient(app)
    client.get("/")
    client.get("/")
    assert loops[-1] is loops[-2]


def test_inside_with():
    with TestClient(app) as client:
        client.get("/")
        client.get("/")
    assert loops[-1] is loops[-2]
