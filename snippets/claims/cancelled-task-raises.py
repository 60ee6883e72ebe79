# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import AsyncAdaptedQueuePool, ForeignKey, String, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

warnings.filterwarnings("ignore", "coroutine")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship()


async def read(user: User, attribute: str) -> str:
    return getattr(user, attribute)


async def show(when: str, user: User) -> None:
    print(when)
    for attribute in "name", "posts":
        [value] = await asyncio.gather(read(user, attribute), return_exceptions=True)
        if isinstance(value, Exception):
            value = type(getattr(value, "orig", value)).__name__
        print(f"  user.{attribute}: {value}")


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    # --8<-- [start:example]
    async with AsyncSession(engine) as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        await session.refresh(user)
        await show("before", user)

        statement = session.execute(text("SELECT 'slow'"))
        task = asyncio.create_task(statement)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        print(f"task.cancelled(): {task.cancelled()}")
        await show("after the cancellation", user)

        await session.rollback()
        await show("after rollback()", user)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
