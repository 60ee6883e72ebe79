# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pydantic>=2.14,<3",
#   "jinja2>=3.1,<4",
# ]
# ///
"""What the page `async-attrs` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
from contextlib import contextmanager

import jinja2
import pydantic
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    raiseload,
    relationship,
)
from sqlalchemy.orm.exc import DetachedInstanceError


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    users: Mapped[list["User"]] = relationship(
        back_populates="organization", order_by="User.id"
    )
    names: AssociationProxy[list[str]] = association_proxy("users", "name")
    titles: AssociationProxy[list[str]] = association_proxy("users", "posts")

    @property
    def all_titles(self) -> list[str]:
        return [post.title for user in self.users for post in user.posts]

    @hybrid_property
    def hybrid_titles(self) -> list[str]:
        return [post.title for user in self.users for post in user.posts]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(back_populates="users")
    posts: Mapped[list["Post"]] = relationship()

    def __repr__(self) -> str:
        return f"{self.name} of {self.organization.name}"


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(viewonly=True)


class StrictUser(Base):
    __table__ = User.__table__
    organization: Mapped[Organization] = relationship(lazy="raise", viewonly=True)


class OrganizationOut(pydantic.BaseModel, from_attributes=True):
    name: str


class UserOut(pydantic.BaseModel, from_attributes=True):
    organization: OrganizationOut


def refused(read):
    """Asserts that `read()` raises an error for want of a greenlet, be it inside one of Pydantic's."""
    try:
        read()
    except (MissingGreenlet, StatementError, pydantic.ValidationError) as error:
        assert "greenlet_spawn has not been called" in str(error), error
        return
    raise AssertionError("the read was not refused")


async def raised(awaitable, kind):
    """The error of this kind that the `await` raises."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


@contextmanager
def statements(session):
    """The statements that are sent inside of the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def shared_target(Session):
    """A many-to-one whose target is in the session already sends no SELECT."""
    counts = []
    async with Session() as session:
        for user in (await session.scalars(select(User).order_by(User.id))).all():
            with statements(session) as sent:
                organization = await user.awaitable_attrs.organization
            assert organization.name == "Library"
            counts.append(len(sent))
    assert counts == [1, 0]
    return f"two users of one organization: {counts[0]}, then {counts[1]}"


async def after_commit(Session):
    """A relationship of an object that a commit expired is two SELECTs: the row, then the relationship."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        with statements(session) as sent:
            await user.awaitable_attrs.posts
    assert ["FROM users" in sent[0], "FROM posts" in sent[1]] == [True, True]
    assert len(sent) == 2
    return "FROM users, then FROM posts"


async def one_level(Session):
    """What is behind the relationship is refused, until it is awaited as well."""
    async with Session() as session:
        post = await session.get_one(Post, 1)
        author = await post.awaitable_attrs.author
        refused(lambda: author.organization)
        organization = await author.awaitable_attrs.organization
        assert author.organization is organization
    return "author read, organization refused until it was awaited"


async def getters(Session):
    """The whole getter of a property or a `hybrid_property` runs, to any depth."""
    for name in ("all_titles", "hybrid_titles"):
        async with Session() as session:
            library = await session.get_one(Organization, 1)
            titles = await getattr(library.awaitable_attrs, name)
            assert titles == getattr(library, name) == ["Maps", "Coins"]
    return "property and hybrid_property: users and their posts"


async def proxies(Session):
    """An `association_proxy` loads the relationship that it names, and nothing behind it."""
    async with Session() as session:
        library = await session.get_one(Organization, 1)
        assert sorted(await library.awaitable_attrs.names) == ["alice", "bob"]
        posts = await library.awaitable_attrs.titles
        refused(lambda: list(posts))
    return "names of users read, posts of users refused"


async def readers(Session):
    """Pydantic, Jinja2's `render()` and a `__repr__` cannot await; they can read what was loaded before."""
    template = jinja2.Template("{{ user.organization.name }}")
    async with Session() as session:
        user = await session.get_one(User, 1)
        refused(lambda: UserOut.model_validate(user))
        refused(lambda: template.render(user=user))
        refused(lambda: repr(user))
        await user.awaitable_attrs.organization
        assert UserOut.model_validate(user).organization.name == "Library"
        assert template.render(user=user) == "Library"
        assert repr(user) == "alice of Library"
    return "Pydantic, render() and repr(): refused, and after the await Library"


async def async_template(Session):
    """A template of Jinja2 with `enable_async=True` awaits `user.awaitable_attrs.organization` by itself."""
    source = "{{ user.awaitable_attrs.organization.name }}"
    template = jinja2.Template(source, enable_async=True)
    async with Session() as session:
        user = await session.get_one(User, 1)
        assert await template.render_async(user=user) == "Library"
    return "render_async(): Library"


async def obeys(Session):
    """It needs the session of the object, and obeys `raiseload()` and `lazy="raise"`."""
    async with Session() as session:
        closed = await session.get_one(User, 1)
    async with Session() as session:
        told = await session.scalar(select(User).options(raiseload("*")))
        strict = await session.get_one(StrictUser, 1)
        seen = [
            await raised(user.awaitable_attrs.organization, kind)
            for user, kind in (
                (closed, DetachedInstanceError),
                (told, InvalidRequestError),
                (strict, InvalidRequestError),
            )
        ]
    assert "lazy='raise'" in str(seen[1]) and "lazy='raise'" in str(seen[2])
    return "closed session: DetachedInstanceError; raiseload() and lazy='raise': InvalidRequestError"


FACTS = (
    shared_target,
    after_commit,
    one_level,
    getters,
    proxies,
    readers,
    async_template,
    obeys,
)


async def create_rows(engine, Session):
    """Two users of one organization with a post each, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        alice = User(id=1, name="alice", posts=[Post(id=1, title="Maps")])
        bob = User(id=2, name="bob", posts=[Post(id=2, title="Coins")])
        session.add(Organization(id=1, name="Library", users=[alice, bob]))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
