# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from datetime import datetime

from sqlalchemy import ForeignKey, String, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")


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
    visits: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )
    posts: Mapped[list[Post]] = relationship()


alice = select(User).where(User.name == "alice")
with_posts = alice.options(selectinload(User.posts))


# --8<-- [start:example]
async def column_after_commit(session):
    user = await session.scalar(alice)
    await session.commit()
    return user.name


async def loaded_relationship_after_commit(session):
    user = await session.scalar(with_posts)
    await session.commit()
    return user.posts


async def column_after_refresh(session):
    user = await session.scalar(alice)
    await session.commit()
    await session.refresh(user)
    return user.name


async def loaded_relationship_after_refresh(session):
    user = await session.scalar(alice)
    await session.refresh(user, ["posts"])
    await session.refresh(user)
    return user.posts


async def relationship_never_loaded(session):
    user = await session.scalar(alice)
    await session.commit()
    return user.posts


async def relationship_of_a_new_object(session):
    user = User(name="carol")
    session.add(user)
    await session.commit()
    return user.posts


async def onupdate_column_after_update(session):
    user = await session.scalar(alice)
    user.name = "bob"
    await session.commit()
    return user.updated_at


async def sql_expression_after_commit(session):
    user = await session.scalar(alice)
    user.visits = User.visits + 1
    await session.commit()
    return user.visits


async def column_after_rollback(session):
    user = await session.scalar(alice)
    await session.rollback()
    return user.name


async def column_after_expire(session):
    user = await session.scalar(alice)
    session.expire(user)
    return user.name


async def name_changed_by_another_session(session):
    user = await session.scalar(alice)
    await session.commit()
    async with AsyncSession(session.bind) as other:
        await other.execute(update(User).values(name="bob"))
        await other.commit()
    await session.scalars(select(User))
    return user.name


# --8<-- [end:example]

READS = [
    column_after_commit,
    loaded_relationship_after_commit,
    column_after_refresh,
    loaded_relationship_after_refresh,
    relationship_never_loaded,
    relationship_of_a_new_object,
    onupdate_column_after_update,
    sql_expression_after_commit,
    column_after_rollback,
    column_after_expire,
]


async def run(case, expire_on_commit: bool):
    """What the case returns or raises, in a database of its own."""
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post()]))
        await session.commit()
    async with AsyncSession(engine, expire_on_commit=expire_on_commit) as session:
        [outcome] = await asyncio.gather(case(session), return_exceptions=True)
    await engine.dispose()
    return outcome


def verdict(outcome) -> str:
    if "greenlet_spawn has not been called" in str(outcome):
        return "raises"
    return "fails" if isinstance(outcome, BaseException) else "works"


async def main() -> None:
    print(f"{'expire_on_commit':36} {'True':7} False")
    for case in READS:
        label = case.__name__.replace("_", " ")
        default, kept = [verdict(await run(case, setting)) for setting in (True, False)]
        print(f"{label:36} {default:7} {kept}")
    case = name_changed_by_another_session
    default, kept = [await run(case, setting) for setting in (True, False)]
    print(f"{case.__name__.replace('_', ' '):36} {default:7} {kept}")


asyncio.run(main())
