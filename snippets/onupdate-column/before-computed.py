# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import Computed, String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(
        Computed("lower(name)"),
    )


async def rename(user: User, session: AsyncSession) -> dict:
    user.name = "Bob"
    await session.commit()
    return {
        "name": user.name,
        "slug": user.slug,  # raises MissingGreenlet
    }


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = User(name="Alice")
        session.add(user)
        await session.commit()
        print(f"created: {user.slug}")
        body = await rename(user, session)
        print(f"updated: {body['slug']}")

    await engine.dispose()


asyncio.run(main())
