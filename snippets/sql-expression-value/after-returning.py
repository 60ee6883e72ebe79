# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, update
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    views: Mapped[int]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with async_sessionmaker(engine)() as session:
        session.add(Post(title="Hello", views=41))
        await session.commit()

    # --8<-- [start:example]
    Session = async_sessionmaker(engine, expire_on_commit=False)
    async with Session() as session:
        post = await session.get_one(Post, 1)
        views = Post.views + 1
        stmt = update(Post).values(views=views).returning(Post)
        await session.execute(stmt.where(Post.id == post.id))
        await session.commit()

        print(f"views: {post.views}")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
