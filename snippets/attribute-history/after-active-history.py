# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, inspect
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:example]
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(
        ForeignKey("users.id"),
    )
    author: Mapped[User] = relationship(active_history=True)


async def give(
    post: Post,
    bob: User,
    session: AsyncSession,
) -> None:
    await session.refresh(post, ["author"])
    post.author = bob
    [old] = inspect(post).attrs.author.history.deleted
    print(f"was by {old.name}")
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(Post(id=1, author=User(id=1, name="alice")))
        session.add(User(id=2, name="bob"))
        await session.commit()

    async with AsyncSession(engine) as session:
        post = await session.get_one(Post, 1)
        await give(post, await session.get_one(User, 2), session)

    await engine.dispose()


asyncio.run(main())
