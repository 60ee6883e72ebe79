import pytest
from alembic import command

from app.database import engine, get_session
from app.main import app, lifespan
from app.models import Base


def test_migrations_match_the_models(migrations):
    command.check(migrations)


def test_no_relationship_is_loaded_lazily():
    for mapper in Base.registry.mappers:
        for relationship in mapper.relationships:
            assert relationship.lazy == "raise", relationship


@pytest.mark.anyio
async def test_each_request_has_a_session_of_its_own():
    async for one in get_session():
        async for another in get_session():
            assert one is not another


@pytest.mark.anyio
async def test_shutdown_closes_the_connections(client):
    assert engine.pool.checkedin() == 1
    async with lifespan(app):
        pass
    assert engine.pool.checkedin() == 0
