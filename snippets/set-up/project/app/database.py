import os
from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import DateTime, String
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///app.db")

engine = create_async_engine(URL)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    __mapper_args__ = {"eager_defaults": True}
    type_annotation_map = {
        str: String(100),
        datetime: DateTime(timezone=True),
    }


async def get_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        yield session
