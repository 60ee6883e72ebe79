# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
from datetime import datetime

from sqlalchemy import String, func, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )


async def rename(user: User, session: AsyncSession) -> dict:
    stmt = update(User).values(name="bob")
    await session.execute(stmt.where(User.id == user.id))
    return {
        "name": user.name,
        "updated_at": user.updated_at,  # raises MissingGreenlet
    }


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        body = await rename(user, session)
        print(f"{body['name']}, updated: {body['updated_at'] is not None}")

    await engine.dispose()


asyncio.run(main())
