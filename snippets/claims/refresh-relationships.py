# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(
        ForeignKey(Organization.id),
    )
    organization: Mapped[Organization] = relationship()
    posts: Mapped[list[Post]] = relationship(
        lazy="selectin",
    )


async def without_option(session: AsyncSession) -> None:
    query = select(User)
    user = (await session.scalars(query)).one()
    show("select(User)", user)
    await session.refresh(user, ["organization"])
    show('refresh(user, ["organization"])', user)
    await session.refresh(user, ["id"])
    show('refresh(user, ["id"])', user)
    await session.refresh(user)
    show("refresh(user)", user)


async def with_option(session: AsyncSession) -> None:
    organization = selectinload(User.organization)
    query = select(User).options(organization)
    user = (await session.scalars(query)).one()
    show("select(User) with selectinload()", user)
    await session.refresh(user)
    show("refresh(user)", user)


async def with_option_later(session: AsyncSession) -> None:
    user = (await session.scalars(select(User))).one()
    show("select(User)", user)
    organization = selectinload(User.organization)
    query = select(User).options(organization)
    user = (await session.scalars(query)).one()
    show("then select(User) with selectinload()", user)
    await session.refresh(user)
    show("refresh(user)", user)


# --8<-- [end:example]


def show(step: str, user: User) -> None:
    loaded = {"organization", "posts"} - inspect(user).unloaded
    print(step)
    print(f"  loaded: {', '.join(sorted(loaded))}")


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(organization=Organization(), posts=[Post()]))
        await session.commit()

    async with AsyncSession(engine) as session:
        await without_option(session)
    async with AsyncSession(engine) as session:
        await with_option(session)
    async with AsyncSession(engine) as session:
        await with_option_later(session)

    await engine.dispose()


asyncio.run(main())
