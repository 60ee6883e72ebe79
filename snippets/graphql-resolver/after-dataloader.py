# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "strawberry-graphql>=0.341,<1",
# ]
# ///
import asyncio
import os

import strawberry
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)
from strawberry import Info, Parent
from strawberry.dataloader import DataLoader

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))


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
async def load_names(ids: list[int]) -> list[str | None]:
    query = select(Organization)
    query = query.where(Organization.id.in_(ids))
    async with AsyncSession(engine) as session:
        rows = await session.scalars(query)
        found = {row.id: row.name for row in rows}
    return [found.get(key) for key in ids]


def get_context(session: AsyncSession) -> dict:
    names = DataLoader(load_names)
    return {"session": session, "names": names}


@strawberry.type
class UserType:
    name: str

    @strawberry.field
    async def organization(
        root: Parent[User],
        info: Info,
    ) -> str | None:
        names = info.context["names"]
        return await names.load(root.organization_id)


@strawberry.type
class Query:
    @strawberry.field
    async def users(self, info: Info) -> list[UserType]:
        query = select(User).order_by(User.name)
        users = await info.context["session"].scalars(query)
        return users.all()


# --8<-- [end:example]


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        session.add(User(name="bob", organization=Organization(name="Museum")))
        await session.commit()

    schema = strawberry.Schema(Query)
    async with AsyncSession(engine) as session:
        result = await schema.execute(
            "{ users { name organization } }", context_value=get_context(session)
        )
        if result.errors:
            raise result.errors[0].original_error
        print(result.data)

    await engine.dispose()


asyncio.run(main())
