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
    WriteOnlyMapped,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
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
    posts: WriteOnlyMapped[Post] = relationship(
        order_by=Post.id,
    )


async def show(session: AsyncSession) -> None:
    user = (await session.scalars(select(User))).one()
    query = user.posts.select()
    for post in await session.scalars(query):
        print(f"{user.name}: {post.title}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post(title="Hello")]))
        await session.commit()

    async with AsyncSession(engine) as session:
        await show(session)

    await engine.dispose()


asyncio.run(main())
