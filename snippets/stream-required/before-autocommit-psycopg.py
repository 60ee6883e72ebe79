# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "psycopg[binary]>=3.3,<4"]
# ///
import asyncio
import os

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ.get("DATABASE_URL", "postgresql+psycopg://localhost")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def create_users() -> None:
    engine = create_async_engine(URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([User(name="alice"), User(name="bob")])
        await session.commit()
    await engine.dispose()


async def main() -> None:
    await create_users()

    # --8<-- [start:example]
    engine = create_async_engine(
        URL,
        isolation_level="AUTOCOMMIT",
    )
    async with AsyncSession(engine) as session:
        query = select(User.name)
        names = await session.stream_scalars(query)  # raises NoActiveSqlTransaction
        async for name in names:
            print(name)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
