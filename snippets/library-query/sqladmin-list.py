# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "sqladmin>=0.32,<1",
#   "starlette>=1,<2",
# ]
# ///
import asyncio
import os

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqladmin import Admin, ModelView
from sqlalchemy import ForeignKey, Select, String
from sqlalchemy.ext.asyncio import (
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)
from starlette.requests import Request

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


app = FastAPI()
admin = Admin(app, engine)


# --8<-- [start:example]
def organization(user: User, _: str) -> str:
    return user.organization.name


@admin.add_view
class UserAdmin(ModelView, model=User):
    column_list = [User.name, User.organization_id]
    column_formatters = {User.organization_id: organization}

    def list_query(self, request: Request) -> Select:
        option = selectinload(User.organization)
        return super().list_query(request).options(option)


# --8<-- [end:example]


async def request(client: AsyncClient) -> None:
    response = await client.get("/admin/user/list")
    print("Library" in response.text)


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        await request(client)
    await engine.dispose()


asyncio.run(main())
