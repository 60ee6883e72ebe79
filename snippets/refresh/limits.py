# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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


# --8<-- [start:example]
async def change(user: User, session: AsyncSession):
    user.name = "bob"
    await session.refresh(user)
    print("the change to bob:", user.name)


async def move(user: User, session: AsyncSession):
    async with AsyncSession(session.bind) as other:
        theirs = await other.get_one(User, user.id)
        theirs.organization_id = 2
        await other.commit()

    await session.refresh(user, ["organization"])
    print("without foreign key:", user.organization.name)

    names = ["organization_id", "organization"]
    await session.refresh(user, names)
    print("with foreign key:", user.organization.name)


async def fail(user: User, session: AsyncSession):
    async with AsyncSession(session.bind) as other:
        await show("another session's", other.refresh(user))
        await other.execute(delete(User))
        await other.commit()
    await show("deleted meanwhile", session.refresh(user))

    new = User(name="carol")
    session.add(new)
    await show("not flushed yet", session.refresh(new))


# --8<-- [end:example]


async def show(label: str, refreshing) -> None:
    [outcome] = await asyncio.gather(refreshing, return_exceptions=True)
    print(f"{label}: {type(outcome).__name__}")


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        library, museum = Organization(name="Library"), Organization(name="Museum")
        session.add_all([library, museum])
        await session.flush()
        session.add(User(name="alice", organization=library))
        await session.commit()

    for case in (change, move, fail):
        async with AsyncSession(engine) as session:
            user = (await session.scalars(select(User))).one()
            await session.commit()
            await session.refresh(user)
            await case(user, session)

    await engine.dispose()


asyncio.run(main())
