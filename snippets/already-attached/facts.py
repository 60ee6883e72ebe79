# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `already-attached` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import ForeignKey, String, event, inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship()


ATTACHED = re.compile(
    r"Object '<User at 0x\w+>' is already attached to session '(\d+)' \(this is '(\d+)'\)"
)


async def refused(call, message):
    """The match of this message in the error that awaiting `call()` raises."""
    try:
        await call()
    except InvalidRequestError as error:
        match = re.search(message, str(error))
        assert type(error) is InvalidRequestError and match, error
        return match
    raise AssertionError("the call was not refused")


async def calls(new_session):
    """`add()`, `add_all()`, `delete()` and an assignment to a relationship raise it; the object's own session comes first."""
    async with new_session() as first, new_session() as second:
        user = await first.get_one(User, 1)

        async def add():
            second.add(user)

        async def add_all():
            second.add_all([user])

        async def delete():
            await second.delete(user)

        async def assign():
            post = Post(title="Hello")
            second.add(post)
            post.author = user

        for call in add, add_all, delete, assign:
            match = await refused(call, ATTACHED)
            keys = first.sync_session.hash_key, second.sync_session.hash_key
            assert match.groups() == tuple(map(str, keys))
            second.expunge_all()
    return "add(), add_all(), delete() and an assignment: its own session, then the one that refused"


async def other_message(new_session):
    """`refresh()` and `expire()` say that the object isn't persistent within this session."""
    async with new_session() as first, new_session() as second:
        user = await first.get_one(User, 1)

        async def expire():
            second.expire(user)

        for call in lambda: second.refresh(user), expire:
            await refused(call, "is not persistent within this Session")
    return "refresh() and expire(): is not persistent within this Session"


async def until_closed(new_session):
    """A commit doesn't release the object; the end of its session, or `expunge()`, does."""
    async with new_session() as first, new_session() as second:
        user = await first.get_one(User, 1)
        await first.commit()

        async def add():
            second.add(user)

        await refused(add, ATTACHED)
        first.expunge(user)
        second.add(user)
        assert user in second
    async with new_session() as first:
        user = await first.get_one(User, 1)
    async with new_session() as second:
        second.add(user)
        assert user in second
    return "after the commit: refused; after expunge(), and after the end of its session: added"


async def merge(new_session):
    """`merge()` returns another object, and leaves the first one in its session."""
    async with new_session() as first, new_session() as second:
        user = await first.get_one(User, 1)
        author = await second.merge(user)
        assert author is not user and inspect(author).session is second.sync_session
        assert inspect(user).session is first.sync_session
        assert user in first and user not in second
    return "another object in the other session; the first one stays in its own"


async def merge_cost(new_session):
    """`merge()` costs one SELECT, or none if the session has loaded that user."""
    async with new_session() as first, new_session() as second:
        user = await first.get_one(User, 1)
        sent = []
        engine = second.bind.sync_engine
        event.listen(
            engine, "before_cursor_execute", lambda *args: sent.append(args[2])
        )
        await second.merge(user)
        assert len(sent) == 1 and sent[0].startswith("SELECT")
    async with new_session() as first, new_session() as second:
        user = await first.get_one(User, 1)
        loaded = await second.get_one(User, 1)
        sent.clear()
        assert await second.merge(user) is loaded
        assert sent == []
    return "1 SELECT; if the session has loaded that user, 0"


async def dependencies(new_session):
    """In a request, FastAPI calls a dependency once: two functions make two sessions, one function makes one."""

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with new_session() as session:
            yield session

    async def get_db() -> AsyncIterator[AsyncSession]:
        async with new_session() as session:
            yield session

    SessionDep = Annotated[AsyncSession, Depends(get_session)]
    DbDep = Annotated[AsyncSession, Depends(get_db)]

    async def current_user(session: SessionDep) -> User:
        return await session.get_one(User, 1)

    UserDep = Annotated[User, Depends(current_user)]
    app = FastAPI()

    @app.post("/same")
    async def same(user: UserDep, session: SessionDep) -> int:
        session.add(Post(title="Hello", author=user))
        await session.commit()
        return user.id

    @app.post("/two")
    async def two(user: UserDep, session: DbDep) -> int:
        session.add(Post(title="Hello", author=user))
        await session.commit()
        return user.id

    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.post("/same")).json() == 1
        await refused(lambda: client.post("/two"), ATTACHED)
    return "one function: saved; two functions: refused"


FACTS = (calls, other_message, until_closed, merge, merge_cost, dependencies)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            engine = create_async_engine(url)
            new_session = async_sessionmaker(engine, expire_on_commit=False)
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            async with new_session() as session:
                session.add(User(name="alice"))
                await session.commit()
            print(f"{fact.__name__.replace('_', '-')}: {await fact(new_session)}")
            await engine.dispose()


asyncio.run(main())
