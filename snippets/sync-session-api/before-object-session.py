# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, object_session


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)

    def post_count(self) -> int | None:
        query = select(func.count(Post.id)).where(
            Post.author_id == self.id,
        )
        db = object_session(self)
        return db.scalar(query)  # raises MissingGreenlet


async def show(user: User) -> None:
    count = user.post_count()
    print(f"posts: {count}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(id=1))
        await session.flush()
        session.add(Post(author_id=1))
        await session.commit()

    async with AsyncSession(engine) as session:
        await show(await session.get_one(User, 1))

    await engine.dispose()


asyncio.run(main())
