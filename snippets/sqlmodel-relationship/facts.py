# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pydantic>=2.14,<3",
#   "sqlmodel>=0.0.50,<0.1",
# ]
# ///
"""What the page `sqlmodel-relationship` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy.ext.asyncio
import sqlmodel
from pydantic import ValidationError
from sqlalchemy import event, inspect
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, create_async_engine
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession


class Organization(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


class UserBase(SQLModel):
    name: str
    organization_id: int | None = Field(default=None, foreign_key="organization.id")


class User(UserBase, AsyncAttrs, table=True):
    id: int | None = Field(default=None, primary_key=True)
    organization: Organization = Relationship()


class UserOut(UserBase):
    organization: Organization


def refused(read):
    """The error that `read()` raises for want of a greenlet, and the frames of its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, traceback.extract_tb(error.__traceback__)
    except ValidationError as error:
        assert "MissingGreenlet" in str(error), error
        return error, traceback.extract_tb(error.__traceback__)
    raise AssertionError("the read was not refused")


@contextmanager
def counted(engine):
    """The statements that are sent meanwhile."""
    sent = []

    def count(*execution):
        sent.append(execution[2])

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", count)


async def frames(engine):
    """`_emit_lazyload` is in the traceback, and below it a frame of `sqlmodel/orm/session.py`."""
    async with AsyncSession(engine) as session:
        user = (await session.exec(select(User))).first()
        _, found = refused(lambda: user.organization)
    names = [frame.name for frame in found]
    files = ["/".join(Path(frame.filename).parts[-3:]) for frame in found]
    assert names.index("_emit_lazyload") < files.index("sqlmodel/orm/session.py")
    assert "_load_expired" not in names
    return "_emit_lazyload, then sqlmodel/orm/session.py"


async def left_out(engine):
    """`model_dump()` and `repr()` leave a relationship out, loaded or not."""
    async with AsyncSession(engine) as session:
        user = (await session.exec(select(User).where(User.name == "alice"))).one()
        for loaded in (False, True):
            if loaded:
                await session.refresh(user, ["organization"])
            assert ("organization" not in inspect(user).unloaded) == loaded
            assert set(user.model_dump()) == {"id", "name", "organization_id"}
            assert "name='alice'" in repr(user) and "organization=" not in repr(user)
    return "id, name and organization_id"


async def field(engine):
    """A schema with a field `organization` reads the relationship."""
    async with AsyncSession(engine) as session:
        user = (await session.exec(select(User))).first()
        error, _ = refused(lambda: UserOut.model_validate(user))
    assert isinstance(error, ValidationError)
    assert [one["loc"] for one in error.errors()] == [("organization",)]
    return "organization was refused"


async def expired(engine):
    """`model_dump()` of an expired object returns `{}`."""
    async with AsyncSession(engine) as session:
        user = (await session.exec(select(User))).first()
        await session.commit()
        assert user.model_dump() == {}
        await session.refresh(user)
        assert set(user.model_dump()) == {"id", "name", "organization_id"}
    return "{} after the commit; id, name and organization_id after refresh()"


async def no_exec(_):
    """SQLAlchemy's own `AsyncSession`, from which SQLModel's inherits, has no `exec()`."""
    assert issubclass(AsyncSession, sqlalchemy.ext.asyncio.AsyncSession)
    assert hasattr(AsyncSession, "exec")
    assert not hasattr(sqlalchemy.ext.asyncio.AsyncSession, "exec")
    return "SQLModel's AsyncSession has exec(), SQLAlchemy's has not"


async def not_exported(_):
    """`sqlmodel` exports `select` and `Relationship`, but not `selectinload`."""
    assert not hasattr(sqlmodel, "selectinload")
    assert hasattr(sqlmodel, "select") and hasattr(sqlmodel, "Relationship")
    return "no selectinload in sqlmodel"


async def cost(engine):
    """`refresh()` costs a SELECT per user and one per organization, `awaitable_attrs` one per organization."""
    async with AsyncSession(engine) as session:
        users = (await session.exec(select(User))).all()
        with counted(engine) as refreshed:
            for user in users:
                await session.refresh(user, ["organization"])
    async with AsyncSession(engine) as session:
        users = (await session.exec(select(User))).all()
        with counted(engine) as awaited:
            for user in users:
                await user.awaitable_attrs.organization
    of_users = [sql for sql in refreshed if "FROM organization" not in sql]
    assert len(of_users) == 3 and len(refreshed) == 3 + 2 and len(awaited) == 2
    return f"3 users in 2 organizations: refresh() {len(refreshed)}, awaitable_attrs {len(awaited)}"


async def per_500(engine):
    """`selectinload()` costs one SELECT per 500 organizations."""
    seen = []
    for more in (498, 1):
        async with AsyncSession(engine) as session:
            for number in range(more):
                name = f"user {number}"
                session.add(User(name=name, organization=Organization(name=name)))
            await session.commit()
        async with AsyncSession(engine) as session:
            query = select(User).options(selectinload(User.organization))
            with counted(engine) as sent:
                users = (await session.exec(query)).all()
            organizations = {user.organization.id for user in users}
            seen.append((len(organizations), len(sent) - 1))
    assert seen == [(500, 1), (501, 2)]
    return "500 organizations: 1; 501: 2"


FACTS = (frames, left_out, field, expired, no_exec, not_exported, cost, per_500)


async def create_rows(engine):
    """Three users in two organizations, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
        await connection.run_sync(SQLModel.metadata.create_all)
    async with AsyncSession(engine) as session:
        library, museum = Organization(name="Library"), Organization(name="Museum")
        session.add(User(name="alice", organization=library))
        session.add(User(name="bob", organization=library))
        session.add(User(name="carol", organization=museum))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    for fact in FACTS:
        await create_rows(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
    await engine.dispose()


asyncio.run(main())
