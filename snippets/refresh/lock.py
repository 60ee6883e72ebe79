# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os
import re

from sqlalchemy import ForeignKey, String, event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship(lazy="selectin")


async def main() -> None:
    engine = create_async_engine(
        os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
    )
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="alice", posts=[Post()]))
        await session.commit()

    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        mine = await first.get_one(User, 1)
        theirs = await second.get_one(User, 1)

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def print_statement(_connection, _cursor, statement, *_):
            short = re.sub(r"\w+\.| AS \w+", "", " ".join(statement.split()))
            print("  " + re.sub(r" WHERE .*?(?= FOR|$)", " …", short))

        # --8<-- [start:example]
        print("the first session locks the row")
        await first.refresh(mine, with_for_update=True)

        print("the second one may read it")
        await second.refresh(theirs)

        print("but not lock it")
        nowait = {"nowait": True}
        [refused] = await asyncio.gather(
            second.refresh(theirs, with_for_update=nowait),
            return_exceptions=True,
        )
        print(type(refused.orig.__cause__).__name__)
        # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
