# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship()

    @property
    def titles(self) -> str:
        posts = self.posts
        return ", ".join(post.title for post in posts)


async def print_users(session: AsyncSession) -> None:
    query = select(User).order_by(User.id)
    for user in await session.scalars(query):
        titles = await user.awaitable_attrs.titles
        print(f"{user.name}: {titles}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post(title="Hello"), Post(title="Bye")]))
        session.add(User(name="bob", posts=[Post(title="Hi")]))
        await session.commit()

    async with AsyncSession(engine) as session:
        await print_users(session)

    await engine.dispose()


asyncio.run(main())
