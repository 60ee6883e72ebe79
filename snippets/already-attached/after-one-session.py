# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import tempfile

from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship()


async def run(url: str) -> None:
    engine = create_async_engine(url)
    new_session = async_sessionmaker(engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with new_session() as session:
        session.add(User(name="alice"))
        await session.commit()

    # --8<-- [start:example]
    async with new_session() as session:
        user = await session.get_one(User, 1)
        post = Post(title="Hello", author=user)
        session.add(post)
        await session.commit()
        print("post", post.id, "by user", post.author_id)
    # --8<-- [end:example]

    await engine.dispose()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = f"sqlite+aiosqlite:///{folder}/example.db"
        await run(os.environ.get("DATABASE_URL", file))


asyncio.run(main())
