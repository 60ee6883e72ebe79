# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


# --8<-- [start:example]
def models(strategy: str):
    class Base(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class Post(Base):
        __tablename__ = "posts"
        user_id = mapped_column(ForeignKey("users.id"))

    class User(Base):
        __tablename__ = "users"
        organization_id = mapped_column(
            ForeignKey("organizations.id"),
        )
        posts = relationship(Post, lazy=strategy)

    class Organization(Base):
        __tablename__ = "organizations"
        users = relationship(User, lazy=strategy)

    return Organization, User, Post


async def count_posts(session: AsyncSession, query) -> int:
    organizations = await session.scalars(query)
    count = 0
    for organization in organizations.unique():
        for user in organization.users:
            count += len(user.posts)
    return count


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    organization, user, post = models("select")
    async with engine.begin() as connection:
        await connection.run_sync(organization.metadata.create_all)
    async with AsyncSession(engine) as session:
        for _ in range(100):
            users = [user(posts=[post()]), user(posts=[post()])]
            session.add(organization(users=users))
        await session.commit()

    statements = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda *call: statements.append(call),
    )
    print("lazy=       parents  grandchildren  statements")
    for strategy in ("immediate", "selectin", "joined"):
        organization, *_ = models(strategy)
        for parents in (1, 10, 100):
            statements.clear()
            async with AsyncSession(engine) as session:
                query = select(organization).where(organization.id <= parents)
                posts = await count_posts(session, query)
            print(f"{strategy:<9}{parents:>9}{posts:>15}{len(statements):>12}")

    await engine.dispose()


asyncio.run(main())
