# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")
STRATEGIES = (
    *("select", "dynamic"),
    *("selectin", "joined", "subquery", "immediate", "noload"),
    *("raise", "raise_on_sql", "write_only"),
)


# --8<-- [start:example]
def models(strategy: str):
    class Base(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class Post(Base):
        __tablename__ = "posts"
        user_id = mapped_column(ForeignKey("users.id"))

    class User(Base):
        __tablename__ = "users"
        posts = relationship(Post, lazy=strategy)

    return User, Post


async def queried(session: AsyncSession, User) -> list:
    users = await session.scalars(select(User))
    return list(users.unique().one().posts)


async def committed(session: AsyncSession, User) -> list:
    users = await session.scalars(select(User))
    user = users.unique().one()
    await session.commit()
    return list(user.posts)


# --8<-- [end:example]


def outcome(value) -> str:
    if isinstance(value, list):
        return f"{len(value)} posts"
    while inner := getattr(value, "orig", None):
        value = inner
    return type(value).__name__


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    user_class, post_class = models("select")
    async with engine.begin() as connection:
        await connection.run_sync(user_class.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(user_class(posts=[post_class(), post_class()]))
        await session.commit()

    print(f"{'lazy=':<14}{'after the query':<21}after a commit")
    for strategy in STRATEGIES:
        user_class, _ = models(strategy)
        values = []
        for read in (queried, committed):
            async with AsyncSession(engine) as session:
                values += await asyncio.gather(
                    read(session, user_class), return_exceptions=True
                )
        first, second = map(outcome, values)
        print(f"{strategy:<14}{first:<21}{second}")

    await engine.dispose()


asyncio.run(main())
