# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(Organization(name="Library"))
        await session.commit()

    # --8<-- [start:example]
    count = select(func.count(Organization.id))

    async with AsyncSession(engine) as session:
        session.add(User(name="alice"))
        await session.flush()
        counting = asyncio.create_task(session.scalar(count))
        saving = asyncio.create_task(session.commit())
        total = await counting
        await saving  # raises InterfaceError
        print(f"organizations: {total}")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
