# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:example]
async def create_tables(engine: AsyncEngine) -> None:
    Base.metadata.create_all(engine.sync_engine)  # raises MissingGreenlet


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    await create_tables(engine)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice"))
        await session.commit()
        print(f"saved: {await session.scalar(select(User.name))}")

    await engine.dispose()


asyncio.run(main())
