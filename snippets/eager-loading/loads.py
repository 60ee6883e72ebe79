# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import re
import textwrap

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    users: Mapped[list["User"]] = relationship(back_populates="organization")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(back_populates="users")
    posts: Mapped[list[Post]] = relationship()


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        library = Organization(name="Library")
        alice = User(posts=[Post(), Post()], organization=library)
        bob = User(posts=[Post()], organization=library)
        session.add_all([alice, bob])
        await session.commit()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def print_statement(_connection, _cursor, statement, *_):
        line = re.sub("SELECT .*? FROM", "SELECT … FROM", " ".join(statement.split()))
        print(textwrap.fill(line, 58, initial_indent="  ", subsequent_indent="    "))

    # --8<-- [start:example]
    async with AsyncSession(engine) as session:
        query = select(User).options(
            joinedload(User.organization),
            selectinload(User.posts),
        )
        for user in await session.scalars(query):
            print(user.organization.name, len(user.posts))

    async with AsyncSession(engine) as session:
        users = selectinload(Organization.users)
        query = select(Organization).options(
            users.selectinload(User.posts),
        )
        for organization in await session.scalars(query):
            for user in organization.users:
                print(organization.name, len(user.posts))
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
