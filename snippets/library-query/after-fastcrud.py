# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastcrud>=0.23,<1",
#   "pydantic>=2.14,<3",
# ]
# ///
import asyncio
import os

from fastcrud import FastCRUD
from pydantic import BaseModel
from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
Session = async_sessionmaker(engine, expire_on_commit=False)


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


class OrganizationOut(BaseModel):
    name: str


# --8<-- [start:example]
class UserOut(BaseModel):
    name: str
    organization: OrganizationOut


async def show(session: AsyncSession) -> None:
    users = FastCRUD(User)
    user = await users.get_joined(
        session,
        schema_to_select=UserOut,
        return_as_model=True,
        auto_detect_relationships=["organization"],
        nest_joins=True,
        id=1,
    )
    print(user)


# --8<-- [end:example]


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    async with Session() as session:
        await show(session)
    await engine.dispose()


asyncio.run(main())
