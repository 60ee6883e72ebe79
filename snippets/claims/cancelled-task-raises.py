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
    async def too_slow(session: AsyncSession) -> None:
        async with session.begin(), asyncio.timeout(0):
            await asyncio.sleep(1)

    async with AsyncSession(
        engine,
        expire_on_commit=False,
    ) as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        print(f"before session.begin(): {user.name}")
        [error] = await asyncio.gather(
            too_slow(session),
            return_exceptions=True,
        )
        print(f"raised by the block: {type(error).__name__}")
        await show("after session.begin()", user)

    async with AsyncSession(engine) as session:
        user = await session.get(User, 1)
        await show("before the cancellation", user)

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
