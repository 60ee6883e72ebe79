# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    # --8<-- [start:example]
    async def coroutine_function(session):
        return session.scalars(select(User)).all()

    async with AsyncSession(engine) as session:
        returned = await session.run_sync(coroutine_function)
        print("returned:", type(returned).__name__)
        results = await asyncio.gather(
            returned,
            return_exceptions=True,
        )
        for error in results:
            error = getattr(error, "orig", error)
            print("awaited:", type(error).__name__)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
