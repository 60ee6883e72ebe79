# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    validates,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Plan(Base):
    __tablename__ = "plans"
    id: Mapped[int] = mapped_column(primary_key=True)
    read_only: Mapped[bool]


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped["User"] = relationship(back_populates="posts")


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(
        ForeignKey("plans.id"),
    )
    plan: Mapped[Plan] = relationship()
    posts: Mapped[list["Post"]] = relationship(
        back_populates="author",
    )

    @validates("posts")
    def check_plan(self, key: str, post: "Post") -> "Post":
        if self.plan.read_only:
            raise ValueError(f"{key} are read-only")
        return post


async def write(user: User, session: AsyncSession) -> None:
    await session.refresh(user, ["plan"])
    session.add(Post(author=user))
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(plan=Plan(read_only=False)))
        await session.commit()

    async with AsyncSession(engine) as session:
        await write(await session.get_one(User, 1), session)
        count = await session.scalar(select(func.count(Post.id)))
        print(f"posts: {count}")

    await engine.dispose()


asyncio.run(main())
