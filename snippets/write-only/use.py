# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import re

from sqlalchemy import ForeignKey, String, event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: WriteOnlyMapped[Post] = relationship()


async def use(user: User, session: AsyncSession) -> None:
    user.posts.add(Post(title="Stars"))
    await session.commit()

    query = user.posts.select().order_by(Post.id.desc())
    latest = (await session.scalars(query.limit(2))).all()
    print("latest:", [post.title for post in latest])

    user.posts.remove(latest[0])
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        posts = [Post(title="Maps"), Post(title="Coins")]
        session.add(User(id=1, name="alice", posts=posts))
        await session.commit()

    async with AsyncSession(engine) as session:
        user = await session.get_one(User, 1)

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def print_statement(_connection, _cursor, statement, *_):
            table = re.search(r"(?:FROM|INTO|UPDATE)\s+(\w+)", statement)[1]
            rest = re.sub(r"\w+\.", "", " ".join(statement.split()))
            _, where, condition = rest.partition(" WHERE ")
            print(f"  {rest.split()[0]} {table}{where and ': '}{condition}")

        await use(user, session)

    await engine.dispose()


asyncio.run(main())
