import os
from typing import Annotated

from fastapi import Depends, FastAPI
from models import User
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
engine = create_async_engine(URL)
Session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session():
    async with Session() as session:
        yield session


@app.post("/users")
async def create(
    name: str, session: Annotated[AsyncSession, Depends(get_session)]
) -> int:
    user = User(name=name)
    session.add(user)
    await session.commit()
    return user.id


@app.get("/users/{id}/organization")
async def organization(
    id: int, session: Annotated[AsyncSession, Depends(get_session)]
) -> str:
    user = await session.get_one(User, id)
    return user.organization.name
