# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "marshmallow>=4.4,<5",
#   "marshmallow-sqlalchemy>=1.6,<2",
#   "msgspec>=0.22,<1",
# ]
# ///
"""What the page `serializers` says beyond its examples, each sentence asserted by a run."""

import asyncio
import dataclasses
import os
import traceback
from inspect import getmembers

import msgspec
from fastapi.encoders import jsonable_encoder
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema
from sqlalchemy import ForeignKey, String, event, inspect, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    mapped_column,
    relationship,
    selectinload,
)


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


class UserRecord(MappedAsDataclass, Base):
    __tablename__ = "user_records"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organizations.id"), init=False
    )
    organization: Mapped[Organization] = relationship()


class UserSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = User
        include_relationships = True


class ColumnSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = User


class OrganizationOut(msgspec.Struct):
    name: str


class UserOut(msgspec.Struct):
    name: str
    organization: OrganizationOut


class OptionalOut(msgspec.Struct):
    name: str
    organization: OrganizationOut | None = None


def to_dict(row, attributes):
    return {attribute.key: getattr(row, attribute.key) for attribute in attributes}


def all_attributes(row):
    return to_dict(row, inspect(row).mapper.attrs)


def columns(row):
    return to_dict(row, inspect(row).mapper.column_attrs)


def marshmallow(row):
    return UserSchema().dump(row)


def with_msgspec(row):
    return msgspec.convert(row, UserOut, from_attributes=True)


def refused(read):
    """The frames of the error that `read()` raises for want of a greenlet, as `folder/file.py function`."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return [
            f"{'/'.join(frame.filename.split('/')[-2:])} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    raise AssertionError("the read was not refused")


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []
    event.listen(
        session.bind.sync_engine,
        "before_cursor_execute",
        lambda *arguments: sent.append(arguments[2]),
    )
    return sent


async def frames(Session):
    """`_emit_lazyload`, and above it the serializer's own frames, as marshmallow's `get_value`."""
    async with Session() as session:
        user = await session.scalar(select(User))
        record = await session.scalar(select(UserRecord))
        seen = {
            "marshmallow/utils.py get_value": refused(lambda: marshmallow(user)),
            "inspect.py getmembers": refused(lambda: getmembers(user)),
            "dataclasses.py asdict": refused(lambda: dataclasses.asdict(record)),
            "facts.py all_attributes": refused(lambda: all_attributes(user)),
        }
    for own, found in seen.items():
        [place] = [at for at, frame in enumerate(found) if frame.endswith(own)]
        assert found.index("orm/strategies.py _emit_lazyload") > place
    return f"_emit_lazyload below {', '.join(seen)}"


async def unloaded(Session):
    """`inspect(user).unloaded` names what a serializer would have to load."""
    async with Session() as session:
        user = await session.scalar(select(User))
        assert inspect(user).unloaded == {"organization"}
        refused(lambda: all_attributes(user))
        query = select(User).options(selectinload(User.organization))
        user = await session.scalar(
            query, execution_options={"populate_existing": True}
        )
        assert not inspect(user).unloaded
        all_attributes(user)
    return "organization; with selectinload(), no name"


async def from_msgspec(Session):
    """`msgspec.ValidationError`, which neither names MissingGreenlet nor has it as its cause."""
    async with Session() as session:
        user = await session.scalar(select(User))
        refused(lambda: user.organization)
        try:
            with_msgspec(user)
        except msgspec.ValidationError as error:
            assert error.__cause__ is None and error.__context__ is None
            assert str(error) == "Object missing required field `organization`"
            return str(error)
    raise AssertionError("msgspec converted it")


async def msgspec_default(Session):
    """A field with a default gets it, although the user has an organization."""
    async with Session() as session:
        user = await session.scalar(select(User))
        out = msgspec.convert(user, OptionalOut, from_attributes=True)
        assert out.organization is None
        organization = await session.run_sync(lambda _: user.organization)
        assert organization.name == "Library"
        out = msgspec.convert(user, OptionalOut, from_attributes=True)
        assert out.organization.name == "Library"
    return "None; once it was loaded, Library"


async def encoder(Session):
    """`jsonable_encoder()` leaves out what isn't loaded; after a commit, that is everything."""
    async with Session() as session:
        user = await session.scalar(select(User))
        assert set(jsonable_encoder(user)) == {"id", "name", "organization_id"}
        await session.commit()
        assert jsonable_encoder(user) == {}
    return "id, name and organization_id; after a commit, nothing"


async def expired(Session):
    """After a commit, the columns are refused too, with `_load_expired`."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        for serialize in (columns, ColumnSchema().dump):
            found = refused(lambda serialize=serialize: serialize(user))
            assert any(frame.endswith("_load_expired") for frame in found)
            assert not any(frame.endswith("_emit_lazyload") for frame in found)
    return "_load_expired, and not _emit_lazyload"


async def columns_only(Session):
    """Without `include_relationships`, marshmallow reads columns alone."""
    async with Session() as session:
        user = await session.scalar(select(User))
        assert set(ColumnSchema().dump(user)) == {"id", "name"}
    return "id and name"


async def in_run_sync(Session):
    """Inside `run_sync()`, each serializer loads what it reads: at most one SELECT per object and unloaded relationship."""
    for serialize in (all_attributes, marshmallow, with_msgspec, getmembers):
        async with Session() as session:
            archive, museum = Organization(name="Archive"), Organization(name="Museum")
            new = [
                User(name="bob", organization=one) for one in (archive, archive, museum)
            ]
            session.add_all(new)
            await session.flush()
            session.expunge_all()
            query = select(User).where(User.name == "bob").order_by(User.id)
            bob, same_organization, other = await session.scalars(query)
            counts = []
            for user in (bob, same_organization, other):
                sent = statements_of(session)
                await session.run_sync(lambda _, user=user, call=serialize: call(user))
                assert not inspect(user).unloaded
                counts.append(len(sent))
            assert counts == [1, 0, 1], counts
    return "each of the four: 1 SELECT; 0 for an organization that is loaded already"


FACTS = (
    frames,
    unloaded,
    from_msgspec,
    msgspec_default,
    encoder,
    expired,
    columns_only,
    in_run_sync,
)


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(name="Library")
        session.add_all([User(name="alice", organization=library)])
        session.add(UserRecord(organization=library))
        await session.commit()
    for fact in FACTS:
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
