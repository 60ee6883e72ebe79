# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    undefer,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


# --8<-- [start:example]
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str] = mapped_column(Text, deferred=True)


async def print_posts(session: AsyncSession) -> None:
    query = select(Post).order_by(Post.id)
    query = query.options(undefer(Post.body))
    for post in await session.scalars(query):
        size = len(post.body)
        print(f"{post.title}: {size} characters")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(Post(title="Hello", body="Hello, world!"))
        session.add(Post(title="Bye", body="Goodbye, world!"))
        await session.commit()

    async with AsyncSession(engine) as session:
        await print_posts(session)

    await engine.dispose()


asyncio.run(main())
