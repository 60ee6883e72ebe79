# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "sqlmodel>=0.0.50,<0.1",
# ]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import (
    Field,
    Relationship,
    SQLModel,
    select,
)
from sqlmodel.ext.asyncio.session import AsyncSession


class Organization(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


class UserBase(SQLModel):
    name: str
    organization_id: int | None = Field(default=None, foreign_key="organization.id")


# --8<-- [start:example]
class User(UserBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    organization: Organization = Relationship()


async def show(session: AsyncSession) -> None:
    query = select(User).order_by(User.name)
    for user in await session.exec(query):
        await session.refresh(user, ["organization"])
        name = user.organization.name
        print(f"{user.name}: {name}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        session.add(User(name="bob", organization=Organization(name="Museum")))
        await session.commit()

    async with AsyncSession(engine) as session:
        await show(session)

    await engine.dispose()


asyncio.run(main())
