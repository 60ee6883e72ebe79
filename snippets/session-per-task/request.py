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
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import String
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
app = FastAPI()


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    welcomed: Mapped[bool] = mapped_column(default=False)


# --8<-- [start:example]
new_session = async_sessionmaker(
    engine,
    expire_on_commit=False,
)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


@app.post("/users")
async def create_user(
    name: str,
    session: Session,
    background: BackgroundTasks,
) -> int:
    user = User(name=name)
    session.add(user)
    await session.commit()
    background.add_task(welcome, user.id)
    return user.id


async def welcome(user_id: int) -> None:
    async with new_session() as session:
        user = await session.get_one(User, user_id)
        user.welcomed = True
        await session.commit()
        # --8<-- [end:example]


@app.get("/users/{user_id}")
async def show_user(user_id: int, session: Session) -> str:
    user = await session.get_one(User, user_id)
    return f"{user.name}, welcomed: {user.welcomed}"


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        created = await client.post("/users", params={"name": "alice"})
        shown = await client.get(f"/users/{created.json()}")
        print(shown.json())
    await engine.dispose()


asyncio.run(main())
