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
    selectinload,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship()


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        alice = User(name="alice", organization=Organization(name="Library"))
        bob = User(name="bob", organization=Organization(name="Museum"))
        session.add(Post(title="Maps", author=alice))
        session.add(Post(title="Coins", author=bob))
        await session.commit()

    # --8<-- [start:example]
    async with AsyncSession(engine) as session:
        load = selectinload(Post.author)
        query = select(Post).options(load).order_by(Post.id)
        for post in await session.scalars(query):
            name = post.author.organization.name  # raises MissingGreenlet
            print(f"{post.title}: {post.author.name}, {name}")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
