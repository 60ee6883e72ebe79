# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "jinja2>=3.1,<4",
# ]
# ///
"""What the page `template-rendering` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path

from jinja2 import DictLoader, Environment, FileSystemLoader
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

# The relationship is read on line 2, in a block on line 3; the last template reads a column.
TEMPLATES = {
    "page.html": "\n{{ user.organization.name }}",
    "block.html": "\n{% block body %}\n{{ user.organization.name }}{% endblock %}",
    "column.html": "{{ user.name }}",
}
environment = Environment(loader=DictLoader(TEMPLATES))


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


async def refused(rendering):
    """The frames of the traceback of a rendering that is refused for want of a greenlet."""
    try:
        await rendering
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return traceback.extract_tb(error.__traceback__)
    raise AssertionError("the rendering was not refused")


async def render(name, user, loader=None):
    """What a coroutine does that renders a template."""
    templates = Environment(loader=loader) if loader else environment
    return templates.get_template(name).render(user=user).strip()


async def frames(Session):
    """The template's frame is `top-level template code` or a block, with the line of the template."""
    async with Session() as session:
        user = await session.scalar(select(User))
        page = await refused(render("page.html", user))
        block = await refused(render("block.html", user))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "page.html")
            path.write_text(TEMPLATES["page.html"])
            file = await refused(render("page.html", user, FileSystemLoader(folder)))
    (of_page,) = [f for f in page if f.filename == "<template>"]
    *_, of_block = [f for f in block if f.filename == "<template>"]
    (of_file,) = [f for f in file if f.filename == str(path)]
    assert (of_page.name, of_page.lineno) == ("top-level template code", 2)
    assert (of_file.name, of_file.lineno) == ("top-level template code", 2)
    assert (of_block.name, of_block.lineno) == ("block 'body'", 3)
    return (
        f"<template>: {of_page.name}, line {of_page.lineno}; "
        f"<template>: {of_block.name}, line {of_block.lineno}; "
        f"its path: {of_file.name}, line {of_file.lineno}"
    )


async def render_async(Session):
    """`render_async()` is refused too: it awaits what is called, not what is read."""
    templates = Environment(loader=DictLoader(TEMPLATES), enable_async=True)
    async with Session() as session:
        user = await session.scalar(select(User))
        await refused(templates.get_template("page.html").render_async(user=user))

    async def organization():
        return "Library"

    called = templates.from_string("{{ organization() }}")
    assert await called.render_async(organization=organization) == "Library"
    return "the attribute was refused, a call was awaited"


async def expired(Session):
    """A template that reads plain columns fails only if the object has expired."""
    async with Session() as session:
        user = await session.scalar(select(User))
        assert await render("column.html", user) == "alice"
        await session.commit()
        found = await refused(render("column.html", user))
    assert "_load_expired" in {frame.name for frame in found}
    return "alice before the commit; refused after it, with _load_expired"


async def cost(Session):
    """In `run_sync`, reading a many-to-one costs one SELECT, unless its object is in the session; selectinload costs one."""
    async with Session() as session:
        users = (await session.scalars(select(User).order_by(User.id))).all()
        seen = []
        for user in users:
            with counted(session) as sent:
                await session.run_sync(
                    lambda _, user=user: environment.get_template("page.html").render(
                        user=user
                    )
                )
            seen.append(len(sent))
    assert seen == [1, 0, 1]
    async with Session() as session:
        query = select(User).options(selectinload(User.organization))
        with counted(session) as sent:
            users = (await session.scalars(query)).all()
        assert len(sent) == 1 + 1
    return (
        "run_sync: 1 for Library, 0 for Library again, 1 for Museum; selectinload(): 1"
    )


@contextmanager
def counted(session):
    """The statements that are sent meanwhile."""
    sent = []

    def count(*execution):
        sent.append(execution[2])

    event.listen(session.bind.sync_engine, "before_cursor_execute", count)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", count)


FACTS = (frames, render_async, expired, cost)


async def create_rows(engine, Session):
    """Three users in two organizations, in empty tables."""
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
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
