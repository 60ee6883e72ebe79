# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "sqladmin>=0.32,<1",
# ]
# ///
"""What the page `sqladmin-view` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from pathlib import Path

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqladmin import Admin, ModelView
from sqlalchemy import ForeignKey, String
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)
from sqlalchemy.orm.exc import DetachedInstanceError


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

    def __str__(self) -> str:
        return f"{self.name}, {self.organization.name}"


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


class PostAdmin(ModelView, model=Post):
    column_list = [Post.title]


class PostsWithUser(ModelView, model=Post):
    column_list = [Post.title, Post.user]


class Formatted(ModelView, model=User):
    column_list = [User.name, User.organization_id]
    column_formatters = {User.organization_id: lambda user, _: user.organization.name}


class Named(ModelView, model=User):
    column_list = [User.name, "organization.name"]


async def page(engine, view, address):
    """The HTML of a page of an admin with one view."""
    app = FastAPI()
    Admin(app, engine).add_view(view)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.get(f"/admin/{address}")
        assert response.status_code == 200, response.status_code
        return response.text


async def refused(page, error):
    """The frames of the traceback of a page that fails for want of a greenlet, or of a session."""
    try:
        await page
    except (MissingGreenlet, StatementError, DetachedInstanceError) as raised:
        inner = getattr(raised, "orig", None) or raised
        assert isinstance(inner, error), raised
        return [
            (Path(frame.filename).parts[-2:], frame.name)
            for frame in traceback.extract_tb(raised.__traceback__)
        ]
    raise AssertionError("the page was not refused")


async def form(engine):
    """`_prepare_select_options` in sqladmin/forms.py is above `__str__`, in /create and in /edit."""
    for address in ("post/create", "post/edit/1"):
        frames = await refused(page(engine, PostAdmin, address), MissingGreenlet)
        names = [name for _, name in frames]
        place = names.index("_prepare_select_options")
        assert frames[place][0] == ("sqladmin", "forms.py")
        assert place < names.index("__str__")
    return "/create and /edit: sqladmin/forms.py, _prepare_select_options, then __str__"


async def detached(engine):
    """The details of a post, and a list with `Post.user`, raise DetachedInstanceError; a list without it works."""
    assert "Hello" in await page(engine, PostAdmin, "post/list")
    for view, address in ((PostAdmin, "post/details/1"), (PostsWithUser, "post/list")):
        frames = await refused(page(engine, view, address), DetachedInstanceError)
        names = [name for _, name in frames]
        assert "__str__" in names and "_prepare_select_options" not in names
    return "details, and list with Post.user: DetachedInstanceError in __str__"


async def formatter(engine):
    """A formatter that reads a relationship raises DetachedInstanceError; `organization.name` in `column_list` works."""
    await refused(page(engine, Formatted, "user/list"), DetachedInstanceError)
    assert "Library" in await page(engine, Named, "user/list")
    return "formatter: DetachedInstanceError; column_list: Library"


FACTS = (form, detached, formatter)


async def create_rows(engine):
    """One post of a user in an organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        alice = User(name="alice", organization=Organization(name="Library"))
        session.add(Post(id=1, title="Hello", user=alice))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    for fact in FACTS:
        await create_rows(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
    await engine.dispose()


asyncio.run(main())
