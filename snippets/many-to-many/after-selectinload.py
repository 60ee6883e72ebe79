# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import Column, ForeignKey, String, Table, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


memberships = Table(
    "memberships",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), primary_key=True),
)


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    members: Mapped[list["User"]] = relationship(
        secondary=memberships, back_populates="member_of"
    )


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_of: Mapped[list[Organization]] = relationship(
        secondary=memberships,
        back_populates="members",
    )


async def join(
    user_id: int,
    library: Organization,
    session: AsyncSession,
) -> None:
    query = select(User).where(User.id == user_id)
    query = query.options(selectinload(User.member_of))
    user = (await session.scalars(query)).one()
    user.member_of.append(library)
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        museum = Organization(id=1, name="Museum")
        library = Organization(id=2, name="Library")
        session.add_all([User(id=1, member_of=[museum]), library])
        await session.commit()

    async with AsyncSession(engine) as session:
        library = await session.get_one(Organization, 2)
        await join(1, library, session)
        query = select(Organization.name).join(Organization.members)
        names = await session.scalars(
            query.where(User.id == 1).order_by(Organization.id)
        )
        print(f"organizations: {', '.join(names)}")

    await engine.dispose()


asyncio.run(main())
