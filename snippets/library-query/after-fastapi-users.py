# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "fastapi-users>=15,<16",
#   "fastapi-users-db-sqlalchemy>=7,<8",
#   "httpx>=0.28,<1",
#   "pydantic>=2.14,<3",
# ]
# ///
import asyncio
import os
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi_users import BaseUserManager, FastAPIUsers, IntegerIDMixin, schemas
from fastapi_users_db_sqlalchemy import (
    SQLAlchemyBaseUserTable,
    SQLAlchemyUserDatabase,
)
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
Session = async_sessionmaker(engine, expire_on_commit=False)
ALICE = {"email": "alice@example.com", "password": "a long password"}


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(SQLAlchemyBaseUserTable[int], Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list[Post]] = relationship()


async def get_database():
    async with Session() as session:
        yield SQLAlchemyUserDatabase(session, User)


Manager = BaseUserManager[User, int]


class PostRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


# --8<-- [start:example]
class UserRead(schemas.BaseUser[int]):
    posts: list[PostRead]


class UserManager(IntegerIDMixin, Manager):
    async def on_after_register(
        self, user: User, _request: Request | None = None
    ) -> None:
        session = self.user_db.session
        await session.refresh(user, ["posts"])


async def request(client: AsyncClient) -> None:
    new = await client.post("/register", json=ALICE)
    print(new.json()["posts"])


# --8<-- [end:example]


async def get_manager(database: Annotated[object, Depends(get_database)]):
    yield UserManager(database)


users = FastAPIUsers[User, int](get_manager, [])
app = FastAPI()
app.include_router(users.get_register_router(UserRead, schemas.BaseUserCreate))


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        await request(client)
    await engine.dispose()


asyncio.run(main())
