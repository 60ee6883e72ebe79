# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


async def main() -> None:
    engine = create_async_engine(
        os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
    )
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    new_session = async_sessionmaker(engine)
    async with new_session() as session:
        session.add_all(User(id=id, name=name) for id, name in enumerate("abcd", 1))
        await session.commit()

    # --8<-- [start:example]
    async def rename(user_id: int, name: str) -> str:
        async with new_session() as session:
            user = await session.get_one(User, user_id)
            user.name = name
            await session.commit()
        return name

    results = await asyncio.gather(
        rename(1, "alice"),
        rename(2, "d"),
        rename(3, "carol"),
        return_exceptions=True,
    )
    # --8<-- [end:example]
    for result in results:
        print(result if isinstance(result, str) else type(result).__name__)
    async with new_session() as session:
        names = await session.scalars(select(User.name).order_by(User.id))
        print("saved:", ", ".join(names))

    await engine.dispose()


asyncio.run(main())
