# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list[Post]] = relationship()
    comments: Mapped[list[Comment]] = relationship()


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        posts = [Post() for _ in range(20)]
        comments = [Comment() for _ in range(30)]
        session.add(User(posts=posts, comments=comments))
        await session.commit()

    # --8<-- [start:example]
    users = select(User)
    one = joinedload(User.posts)
    two = joinedload(User.comments)
    async with engine.connect() as connection:
        for query in (
            users.options(one),
            users.options(one, two),
        ):
            sql = text(str(query))
            rows = (await connection.execute(sql)).all()
            print(len(rows), "rows for one user")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
