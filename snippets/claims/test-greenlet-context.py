# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import logging
import os
import unittest
import warnings

from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")
logging.getLogger("asyncio").setLevel(logging.ERROR)
URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:example]
class UserTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.engine = create_async_engine(URL)
        async with self.engine.begin() as conn:
            await conn.run_sync(Base.metadata.create_all)

    async def test_expired(self) -> None:
        async with AsyncSession(self.engine) as session:
            user = User(name="alice")
            session.add(user)
            await session.commit()
            assert user.name == "alice"

    async def test_loaded(self) -> None:
        async with AsyncSession(self.engine) as session:
            user = User(name="alice")
            session.add(user)
            await session.commit()
            await session.refresh(user)
            assert user.name == "alice"

    # --8<-- [end:example]

    async def asyncTearDown(self) -> None:
        await self.engine.dispose()


result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(UserTest).run(result)
print(f"run: {result.testsRun}")
failed = {test.id().rpartition(".")[2]: text for test, text in result.errors}
for name, text in failed.items():
    print(f"failed: {name}, MissingGreenlet: {'MissingGreenlet' in text}")
