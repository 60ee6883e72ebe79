# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
from dataclasses import asdict

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    mapped_column,
    relationship,
)


class Base(MappedAsDataclass, DeclarativeBase):
    type_annotation_map = {str: String(100)}
    id: Mapped[int] = mapped_column(primary_key=True, init=False)


class User(Base):
    __tablename__ = "users"
    name: Mapped[str]


# --8<-- [start:example]
class Post(Base):
    __tablename__ = "posts"
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id"),
        init=False,
    )
    author: Mapped[User] = relationship(
        repr=False,
    )


async def as_dict(session: AsyncSession) -> dict:
    query = select(Post)
    post = (await session.scalars(query)).one()
    return asdict(post)  # raises MissingGreenlet


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(Post(title="Maps", author=User(name="alice")))
        await session.commit()

    async with AsyncSession(engine) as session:
        print(await as_dict(session))

    await engine.dispose()


asyncio.run(main())
