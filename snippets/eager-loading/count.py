# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    immediateload,
    joinedload,
    lazyload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()
    posts: Mapped[list[Post]] = relationship()


STRATEGIES = (selectinload, joinedload, subqueryload, immediateload, lazyload)


# --8<-- [start:example]
async def load(session, strategy, attribute):
    query = select(User).options(strategy(attribute))
    for user in (await session.scalars(query)).unique():
        await getattr(user.awaitable_attrs, attribute.key)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements = []
    counts = {}

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    for users in (1, 10, 100):
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(
                User(organization=Organization(), posts=[Post(), Post()])
                for _ in range(users)
            )
            await session.commit()
        for attribute in (User.posts, User.organization):
            for strategy in STRATEGIES:
                statements.clear()
                async with AsyncSession(engine) as session:
                    await load(session, strategy, attribute)
                counts[attribute, strategy, users] = len(statements)

    for attribute in (User.posts, User.organization):
        print(f"{attribute!s:18}  1 user  10 users  100 users")
        for strategy in STRATEGIES:
            one, ten, hundred = (counts[attribute, strategy, n] for n in (1, 10, 100))
            print(f"  {strategy.__name__:16}  {one:6}  {ten:8}  {hundred:9}")

    await engine.dispose()


asyncio.run(main())
