# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "sqladmin>=0.32,<1",
# ]
# ///
import asyncio
import os
import re

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqladmin import Admin, ModelView
from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
app = FastAPI()
admin = Admin(app, engine)


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
    # --8<-- [start:example]
    organization: Mapped[Organization] = relationship()

    def __str__(self) -> str:
        return f"{self.name}, {self.organization.name}"  # raises MissingGreenlet

    # --8<-- [end:example]


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


@admin.add_view
class PostAdmin(ModelView, model=Post):
    form_columns = [Post.title, Post.user]


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.get("/admin/post/create")
        print(re.findall(r"<option.*?>(.*?)</option>", response.text))
    await engine.dispose()


asyncio.run(main())
