# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `many-to-many` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile

import sqlalchemy
from sqlalchemy import (
    Column,
    ForeignKey,
    Table,
    delete,
    event,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import IntegrityError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


memberships = Table(
    "memberships",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), primary_key=True),
)


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    members: Mapped[list["User"]] = relationship(
        secondary=memberships, back_populates="member_of"
    )
    visitors: WriteOnlyMapped["User"] = relationship(
        secondary=memberships, overlaps="members,member_of"
    )


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_of: Mapped[list[Organization]] = relationship(
        secondary=memberships, back_populates="members", overlaps="visitors"
    )
    tickets: Mapped[list["Ticket"]] = relationship(back_populates="user")


class Ticket(Base):
    """An association table that is mapped to a class."""

    __tablename__ = "tickets"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    user: Mapped[User] = relationship(back_populates="tickets")
    organization: Mapped[Organization] = relationship()


def refused(read):
    """The error that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error
    raise AssertionError("the read was not refused")


def includes_sql(session):
    """Whether an error for want of a greenlet includes its SQL, in a transaction that has its connection."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


def kinds(sent):
    """The kinds of the statements, as in `INSERT, DELETE`."""
    return ", ".join(statement.split()[0] for statement in sent)


def changes_of(owner, name, item):
    """The ways to change the list `name` of `owner`."""

    def add_in_place():
        setattr(owner, name, getattr(owner, name) + [item])

    return {
        "append()": lambda: getattr(owner, name).append(item),
        "remove()": lambda: getattr(owner, name).remove(item),
        "clear()": lambda: getattr(owner, name).clear(),
        "+=": add_in_place,
        "assignment": lambda: setattr(owner, name, [item]),
    }


async def each_change(Session):
    """`append()`, `remove()`, `clear()`, `+=` and an assignment are refused on either side."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        organization = await session.get_one(Organization, 1)
        of_user = changes_of(user, "member_of", organization)
        of_organization = changes_of(organization, "members", user)
        for change in (*of_user.values(), *of_organization.values()):
            refused(change)
    return f"{', '.join(of_user)}: refused on both sides"


async def selectin(Session):
    """`selectinload` costs one SELECT for all users of a query, up to 500."""
    async with Session() as session:
        session.add_all(User(id=number) for number in range(2, 501))
        await session.commit()
    for users in (1, 10, 500):
        async with Session() as session:
            sent = statements_of(session)
            query = select(User).where(User.id <= users)
            found = await session.scalars(query.options(selectinload(User.member_of)))
            assert len(found.all()) == users
            assert kinds(sent) == "SELECT, SELECT"
    return "2 SELECTs for 1, 10 and 500 users, where the query alone sends 1"


async def difference(Session):
    """An assignment to a loaded list sends only what changed: a DELETE and an INSERT here."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.refresh(user, ["member_of"])
        kept, new = [await session.get_one(Organization, id_) for id_ in (1, 3)]
        sent = statements_of(session)
        user.member_of = [kept, new]
        await session.flush()
        assert sorted(statement.split()[0] for statement in sent) == [
            "DELETE",
            "INSERT",
        ]
        rows = await session.execute(select(memberships.c.organization_id))
        assert sorted(rows.scalars()) == [1, 3]
    return "from 1 and 2 to 1 and 3: 1 DELETE, 1 INSERT"


async def refresh(Session):
    """`refresh(user, ["member_of"])` sends two SELECTs: the user's row, and the list."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        sent = statements_of(session)
        await session.refresh(user, ["member_of"])
        assert len(user.member_of) == 2
        assert kinds(sent) == "SELECT, SELECT"
        assert "memberships" not in sent[0] and "memberships" in sent[1]
    return "2 SELECTs, the second with the association table"


async def association_row(Session):
    """An INSERT into or a DELETE from the association table needs no SELECT, and leaves a loaded list as it was."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.refresh(user, ["member_of"])
        sent = statements_of(session)
        row = insert(memberships).values(user_id=1, organization_id=3)
        await session.execute(row)
        gone = delete(memberships).where(
            memberships.c.user_id == 1, memberships.c.organization_id == 1
        )
        assert (await session.execute(gone)).rowcount == 1
        assert kinds(sent) == "INSERT, DELETE"
        assert sorted(found.id for found in user.member_of) == [1, 2]
        [error] = await asyncio.gather(session.execute(row), return_exceptions=True)
        assert isinstance(error, IntegrityError), error
    return "1 INSERT, 1 DELETE, the list as before; the same row again: IntegrityError"


async def write_only(Session):
    """`add()` and `remove()` of a write-only relationship send no SELECT; adding a member again: IntegrityError."""
    async with Session() as session:
        organization = await session.get_one(Organization, 3)
        user = await session.get_one(User, 1)
        sent = statements_of(session)
        organization.visitors.add(user)
        await session.flush()
        organization.visitors.remove(user)
        await session.flush()
        assert kinds(sent) == "INSERT, DELETE"
        organization.visitors.add(user)
        await session.commit()
    async with Session() as session:
        organization = await session.get_one(Organization, 3)
        organization.visitors.add(await session.get_one(User, 1))
        [error] = await asyncio.gather(session.flush(), return_exceptions=True)
        assert isinstance(error, IntegrityError), error
    return "1 INSERT, 1 DELETE, no SELECT; the same member again: IntegrityError"


async def new_user(Session):
    """A new user's list takes any change before the flush; after it, or a query, a list that was never set is refused."""
    async with Session() as session:
        organization = await session.get_one(Organization, 1)
        assigned, appended, untouched = (User(id=id_) for id_ in (2, 3, 4))
        assigned.member_of = [organization]
        appended.member_of.append(organization)
        session.add_all([assigned, appended, untouched])
        await session.flush()
        refused(lambda: untouched.member_of.append(organization))
        refused(lambda: setattr(untouched, "member_of", [organization]))
        assigned.member_of.remove(organization)
        appended.member_of = []
        await session.commit()
    async with Session() as session:
        new = User(id=5)
        session.add(new)
        query = select(Organization).where(Organization.id == 1)
        found = (await session.scalars(query)).one()
        refused(lambda: new.member_of.append(found))
    return "set before the flush: saved and changed again; never set: refused after it, and after a query"


async def empty_list(Session):
    """`User(member_of=[])` is enough for `append()` to work after the flush."""
    async with Session() as session:
        organization = await session.get_one(Organization, 1)
        user = User(id=2, member_of=[])
        session.add(user)
        await session.flush()
        sent = statements_of(session)
        user.member_of.append(organization)
        await session.flush()
        assert kinds(sent) == "INSERT"
    return "append() after the flush: 1 INSERT, no SELECT"


async def other_side(Session):
    """Appending to the loaded side saves the row, and leaves the other side unloaded."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        organization = await session.get_one(Organization, 3)
        await session.refresh(user, ["member_of"])
        user.member_of.append(organization)
        await session.flush()
        assert "members" in inspect(organization).unloaded
        refused(lambda: organization.members)
    return "saved; reading organization.members was refused"


async def twice(Session):
    """Appending a member again to a loaded list fails in the flush, with `IntegrityError`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        organization = await session.get_one(Organization, 1)
        await session.refresh(user, ["member_of"])
        user.member_of.append(organization)
        [error] = await asyncio.gather(session.flush(), return_exceptions=True)
        assert isinstance(error, IntegrityError), error
    return "IntegrityError"


async def association_class(Session):
    """With a mapped class for the association table, adding an object of it sends no SELECT."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        organization = await session.get_one(Organization, 1)
        refused(lambda: user.tickets.append(Ticket(organization=organization)))
        sent = statements_of(session)
        session.add(Ticket(user=user, organization=organization))
        await session.flush()
        assert kinds(sent) == "INSERT"
    return "append() refused; session.add(): 1 INSERT, no SELECT"


async def statement(Session):
    """If the error includes its SQL, that SELECT names the association table."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        error = refused(lambda: user.member_of)
        assert isinstance(error, StatementError) == includes_sql(session)
    if not isinstance(error, StatementError):
        return "no SQL"
    sql = " ".join(error.statement.split())
    assert "FROM organizations, memberships WHERE" in sql, sql
    return "`FROM organizations, memberships`"


FACTS = (
    each_change,
    selectin,
    difference,
    refresh,
    association_row,
    write_only,
    new_user,
    empty_list,
    other_side,
    twice,
    association_class,
)
# The class of an error, and whether it includes its SQL, could depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """A user who is a member of two of three organizations, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        first, second, third = (Organization(id=id_) for id_ in (1, 2, 3))
        session.add_all([User(id=1, member_of=[first, second]), third])
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                Session = async_sessionmaker(engine)
                await create_rows(engine, Session)
                seen.append(f"{pool}: {await fact(Session)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
