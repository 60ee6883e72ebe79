# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
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
    name: Mapped[str]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    new_session = async_sessionmaker(engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with new_session() as session:
        session.add_all([User(name="alice"), User(name="bob")])
        await session.commit()

    # --8<-- [start:example]
    query = select(User).execution_options(yield_per=100)
    async with new_session() as session:
        users = await session.scalars(query)  # raises AsyncMethodRequired
        for user in users:
            print(user.name)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
