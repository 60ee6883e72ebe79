# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
"""What the page `worker-thread` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)

app = FastAPI()
Session = async_sessionmaker()


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def render(user):
    return f"{user.name}: {user.organization.name}"


async def get_user():
    async with Session() as session:
        yield await session.scalar(select(User))


@app.get("/")
def endpoint(user: Annotated[User, Depends(get_user)]):
    return render(user)


async def refused(reading):
    """The files and the functions in the traceback of a reading that is refused for want of a greenlet."""
    try:
        await reading
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        frames = traceback.extract_tb(error.__traceback__)
        files = ["/".join(Path(frame.filename).parts[-3:]) for frame in frames]
        return files, [frame.name for frame in frames]
    raise AssertionError("the reading was not refused")


@contextmanager
def counted():
    """The statements that are sent meanwhile."""
    engine, sent = Session.kw["bind"].sync_engine, []

    def count(*execution):
        sent.append(execution[2])

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


async def thread_frames():
    """`concurrent/futures/thread.py` is above the function, and in a `def` endpoint of FastAPI anyio's file."""
    async with Session() as session:
        user = await session.scalar(select(User))
        files, names = await refused(asyncio.to_thread(render, user))
        place = names.index("render")
        assert "concurrent/futures/thread.py" in files[:place]
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        files, names = await refused(client.get("/"))
    place = names.index("render")
    assert "anyio/_backends/_asyncio.py" in files[:place]
    assert "concurrent/futures/thread.py" not in files
    return "to_thread(): concurrent/futures/thread.py; def endpoint: anyio/_backends/_asyncio.py"


async def executors():
    """`run_in_executor()` and `ThreadPoolExecutor` are refused as `to_thread()` is."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as executor:
        async with Session() as session:
            user = await session.scalar(select(User))
            for future in (
                loop.run_in_executor(None, render, user),
                asyncio.wrap_future(executor.submit(render, user)),
            ):
                files, _ = await refused(future)
                assert "concurrent/futures/thread.py" in files
    return "both were refused in concurrent/futures/thread.py"


async def expired():
    """With `_load_expired` in the traceback, the object had expired: a column is refused too."""
    async with Session() as session:
        user = await session.scalar(select(User))
        assert await asyncio.to_thread(lambda: user.name) == "alice"
        _, names = await refused(asyncio.to_thread(render, user))
        assert "_load_expired" not in names
        await session.commit()
        _, names = await refused(asyncio.to_thread(lambda: user.name))
        assert "_load_expired" in names
    return "name: alice before the commit; refused with _load_expired after it"


async def no_greenlet():
    """A plain call is refused as well, and so is a thread that is started inside `run_sync`."""

    async def plain(user):
        render(user)

    with ThreadPoolExecutor() as executor:
        async with Session() as session:
            user = await session.scalar(select(User))
            files, _ = await refused(plain(user))
            assert "concurrent/futures/thread.py" not in files
            files, names = await refused(
                session.run_sync(lambda _: executor.submit(render, user).result())
            )
            assert "concurrent/futures/thread.py" in files and "run_sync" in names
            query = select(User).options(selectinload(User.organization))
            user = await session.scalar(query)
            assert render(user) == await asyncio.to_thread(render, user)
    return "both were refused; alice: Library in both places once it is loaded"


async def cost():
    """In `run_sync`, reading costs one SELECT for each organization that is not in the session."""
    seen = []
    async with Session() as session:
        for user in (await session.scalars(select(User).order_by(User.id))).all():
            with counted() as sent:
                await session.run_sync(lambda _, user=user: render(user))
            seen.append(len(sent))
    assert seen == [1, 0, 1]
    return "1 for Library, 0 for Library again, 1 for Museum"


FACTS = (thread_frames, executors, expired, no_greenlet, cost)


async def create_rows(engine):
    """Three users in two organizations, in empty tables."""
    Session.configure(bind=engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library, museum = Organization(name="Library"), Organization(name="Museum")
        session.add(User(id=1, name="alice", organization=library))
        session.add(User(id=2, name="bob", organization=library))
        session.add(User(id=3, name="carol", organization=museum))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    for fact in FACTS:
        await create_rows(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")
    await engine.dispose()


asyncio.run(main())
