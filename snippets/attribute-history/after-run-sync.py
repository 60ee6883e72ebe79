# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, inspect
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(back_populates="author")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="posts")


# --8<-- [start:example]
def log_changes(session: Session, user: User) -> None:
    with session.no_autoflush:
        for attr in inspect(user).attrs:
            past = attr.load_history()
            if past.has_changes():
                print(attr.key, past.deleted, past.added)


async def rename(user: User, session: AsyncSession) -> None:
    user.name = "bob"
    await session.run_sync(log_changes, user)
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post()]))
        await session.commit()

    async with AsyncSession(engine, autoflush=False) as session:
        await rename(await session.get_one(User, 1), session)

    await engine.dispose()


asyncio.run(main())
