# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
import asyncio
import os
from typing import Annotated

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import String
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
Session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def get_session():
    async with Session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


# --8<-- [start:example]
async def get_user(user_id: int, session: SessionDep):
    return await session.get_one(User, user_id)


@app.patch("/users/{user_id}")
async def rename_user(
    name: str,
    user: Annotated[User, Depends(get_user)],
    session: SessionDep,
):
    async with session.begin():  # raises InvalidRequestError
        user.name = name
    return {"id": user.id, "name": user.name}


# --8<-- [end:example]


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice"))
        await session.commit()

    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.patch("/users/1?name=bob")
        print(response.json())
    await engine.dispose()


asyncio.run(main())
