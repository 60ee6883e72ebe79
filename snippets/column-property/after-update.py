# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[str] = mapped_column()
    last: Mapped[str] = mapped_column()

    @hybrid_property
    def name(self) -> str:
        return self.first + " " + self.last


async def rename(user: User, session: AsyncSession) -> None:
    user.last = "Jones"
    await session.commit()
    print(user.name)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(first="Alice", last="Smith"))
        await session.commit()

    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = (await session.scalars(select(User))).one()
        print(user.name)
        await rename(user, session)

    await engine.dispose()


asyncio.run(main())
