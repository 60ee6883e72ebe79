import os
from pathlib import Path

os.environ["DATABASE_URL"] = os.environ.get(
    "TEST_DATABASE_URL", "sqlite+aiosqlite:///test.db"
)

import pytest
from alembic import command
from alembic.config import Config
from httpx import ASGITransport, AsyncClient

from app.database import Session
from app.main import app, lifespan
from app.models import Organization, Post, User

ROOT = Path(__file__).parents[1]


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def migrations():
    config = Config(ROOT / "alembic.ini")
    command.downgrade(config, "base")
    command.upgrade(config, "head")
    return config


@pytest.fixture
async def client(migrations):
    transport = ASGITransport(app)
    async with (
        lifespan(app),
        AsyncClient(
            transport=transport, base_url="http://test"
        ) as client,
    ):
        async with Session() as session:
            library = Organization(name="Library")
            posts = [Post(title="Maps")]
            session.add(
                User(
                    name="alice",
                    organization=library,
                    posts=posts,
                )
            )
            await session.commit()
        yield client
