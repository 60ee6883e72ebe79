# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from datetime import datetime

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}
    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    name: Mapped[str]
    updated_at: Mapped[datetime | None] = mapped_column(onupdate=func.now())
    posts: Mapped[list[Post]] = relationship(cascade="all")


# --8<-- [start:example]
async def after_commit(session: AsyncSession, user: User):
    await session.commit()
    return user.name


async def after_rollback(session: AsyncSession, user: User):
    await session.rollback()
    return user.name


async def after_onupdate(session: AsyncSession, user: User):
    user.name = "bob"
    await session.commit()
    return user.updated_at


async def never_loaded(session: AsyncSession, user: User):
    await session.commit()
    return user.posts


async def after_refresh(session: AsyncSession, user: User):
    await session.refresh(user, ["posts"])
    [post] = user.posts
    await session.refresh(user)
    return post.title


# --8<-- [end:example]


READS = (after_commit, after_rollback, after_onupdate, never_loaded, after_refresh)


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post(title="Hello")]))
        await session.commit()

    for read in READS:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            user = (await session.scalars(select(User))).one()
            [outcome] = await asyncio.gather(
                read(session, user), return_exceptions=True
            )
            if isinstance(outcome, Exception):
                outcome = type(getattr(outcome, "orig", outcome)).__name__
            print(f"{read.__name__}: {outcome}")

    await engine.dispose()


asyncio.run(main())
