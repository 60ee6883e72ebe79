# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


# --8<-- [start:example]
async def show(session: AsyncSession) -> None:
    query = select(Post).where(Post.title == "Hello")
    post = (await session.scalars(query)).one()
    print(post.author.name)
    for other in post.author.posts:
        print(other.title)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(
        lazy="selectin",
        join_depth=2,
        back_populates="author",
    )


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(
        ForeignKey("users.id"),
    )
    author: Mapped[User] = relationship(
        lazy="selectin",
        back_populates="posts",
    )


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        posts = [Post(title="Hello"), Post(title="Tour")]
        session.add(User(name="alice", posts=posts))
        await session.commit()

    async with AsyncSession(engine) as session:
        await show(session)

    await engine.dispose()


asyncio.run(main())
