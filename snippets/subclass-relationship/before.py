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


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]
    __mapper_args__ = {
        "polymorphic_identity": "post",
        "polymorphic_on": "kind",
    }


# --8<-- [start:example]
async def show(session: AsyncSession) -> None:
    query = select(Post).order_by(Post.id)
    for post in await session.scalars(query):
        print(post.title)
        if isinstance(post, VideoPost):
            print(post.editor.name)  # raises MissingGreenlet


class VideoPost(Post):
    __tablename__ = "video_posts"
    id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"),
        primary_key=True,
    )
    editor_id: Mapped[int] = mapped_column(
        ForeignKey("users.id"),
    )
    editor: Mapped[User] = relationship()
    __mapper_args__ = {
        "polymorphic_identity": "video",
    }


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(Post(title="Hello"))
        session.add(VideoPost(title="Tour", editor=User(name="alice")))
        await session.commit()

    async with AsyncSession(engine) as session:
        await show(session)

    await engine.dispose()


asyncio.run(main())
