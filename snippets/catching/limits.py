# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "psycopg[binary]>=3.3,<4",
#   "pydantic>=2.14,<3",
# ]
# ///
import asyncio
import os

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


class OrganizationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    organization: OrganizationOut


def is_missing_greenlet(error: BaseException) -> bool:
    inner = getattr(error, "orig", error)
    return isinstance(inner, MissingGreenlet)


# --8<-- [start:example]
async def label(user: User) -> str:
    return user.organization.name


async def in_task_group(user: User) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(label(user))


async def in_pydantic(user: User) -> None:
    UserOut.model_validate(user)


# --8<-- [end:example]


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+psycopg://localhost/postgres")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    for reader in (label, in_task_group, in_pydantic):
        async with AsyncSession(engine) as session:
            user = await session.scalar(select(User))
            [error] = await asyncio.gather(reader(user), return_exceptions=True)
            print(f"{reader.__name__}: {is_missing_greenlet(error)}")

    await engine.dispose()


asyncio.run(main())
