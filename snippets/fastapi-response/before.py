# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "pydantic>=2.14,<3",
# ]
# ///
import asyncio
import os
from typing import Annotated

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel
from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
app = FastAPI()


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship()


async def get_session():
    async with Session() as session:
        yield session


class PostOut(BaseModel):
    title: str


class UserOut(BaseModel):
    name: str
    posts: list[PostOut]


SessionDep = Annotated[AsyncSession, Depends(get_session)]


# --8<-- [start:example]
Session = async_sessionmaker(engine, expire_on_commit=False)


@app.post("/users", response_model=UserOut)
async def create_user(name: str, session: SessionDep):
    user = User(name=name)
    session.add(user)
    await session.commit()
    return user


async def request(client: AsyncClient) -> None:
    response = await client.post("/users?name=alice")  # raises ResponseValidationError
    print(response.json())


# --8<-- [end:example]


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        await request(client)
    await engine.dispose()


asyncio.run(main())
