# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


# --8<-- [start:example]
class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("organizations.id"),
    )
    children: Mapped[list["Organization"]] = relationship(
        lazy="selectin",
        join_depth=10,
    )


def show(node: Organization, indent: str = "- ") -> None:
    print(f"{indent}{node.name}")
    for child in node.children:
        show(child, f"  {indent}")


async def show_tree(session: AsyncSession) -> None:
    query = select(Organization).order_by(Organization.id)
    query = query.where(Organization.parent_id.is_(None))
    rows = (await session.scalars(query)).all()
    show(rows[0])


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        library = Organization(name="Library")
        paris = Organization(name="Paris", children=[library])
        session.add(Organization(name="Europe", children=[paris]))
        await session.commit()

    async with AsyncSession(engine) as session:
        await show_tree(session)

    await engine.dispose()


asyncio.run(main())
