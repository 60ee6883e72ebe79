# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
)


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
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(
        ForeignKey("users.id"),
    )
    author: Mapped[User] = relationship()


@event.listens_for(Session, "before_flush")
def check_titles(session: Session, *_: object) -> None:
    for post in session.new | session.dirty:
        if not isinstance(post, Post):
            continue
        author = post.author
        if author is None:
            author = session.get_one(User, post.author_id)
        if author.name in post.title:
            raise ValueError("title with a name")


async def rename(session: AsyncSession) -> None:
    query = select(Post)
    post = (await session.scalars(query)).one()
    post.title = "Coins"
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(Post(author=User(name="alice"), title="Maps"))
        await session.commit()

    async with AsyncSession(engine) as session:
        await rename(session)
        title = await session.scalar(select(Post.title))
        print(f"title: {title}")

    await engine.dispose()


asyncio.run(main())
