# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import AsyncAdaptedQueuePool, String
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main() -> None:
    engine = create_async_engine(
        os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=0.1,
    )
    Session = async_sessionmaker(engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add_all([User(id=1, name="alice"), User(id=2, name="bob")])
        await session.commit()

    # --8<-- [start:example]
    async def find_name(session: AsyncSession, id: int) -> str:
        user = await session.get_one(User, id)
        return user.name

    async with Session() as session:
        alice = await session.get_one(User, 1)
        bob = await find_name(session, 2)
        print(alice.name, bob)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
