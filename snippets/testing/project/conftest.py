import os

import pytest
from models import Base
from savepoints import begin_before_savepoints
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

# --8<-- [start:example]
URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")


@pytest.fixture(scope="session")
async def engine():
    engine = create_async_engine(URL)
    if engine.dialect.name == "sqlite":
        begin_before_savepoints(engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
async def Session(engine):
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield async_sessionmaker(
            connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
        )
        await transaction.rollback()


@pytest.fixture
async def session(Session):
    async with Session() as session:
        yield session
        # --8<-- [end:example]
