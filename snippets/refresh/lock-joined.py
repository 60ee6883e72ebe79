# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    team: Mapped[Organization | None] = relationship(lazy="joined")


# --8<-- [start:example]
async def lock(session: AsyncSession, for_update) -> str:
    user = await session.get_one(User, 1)
    await session.refresh(
        user,
        with_for_update=for_update,
    )
    return f"locked {user.name}"


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(
        os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
    )
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="alice"))
        await session.commit()

    for label, for_update in (("True", True), ('{"of": User}', {"of": User})):
        async with AsyncSession(engine) as session:
            [outcome] = await asyncio.gather(
                lock(session, for_update), return_exceptions=True
            )
            print(f"with_for_update={label}")
            cause = getattr(outcome, "orig", None)
            print(" ", cause.__cause__ if cause else outcome)

    await engine.dispose()


asyncio.run(main())
