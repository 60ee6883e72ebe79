# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2"]
# ///
from traceback import extract_stack

from sqlalchemy import ForeignKey, String, create_engine, event, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    relationship,
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


# --8<-- [start:example]
@event.listens_for(Session, "do_orm_execute")
def report(execution: ORMExecuteState) -> None:
    is_lazy = execution.lazy_loaded_from is not None
    if is_lazy or execution.is_column_load:
        own = [
            caller.line
            for caller in extract_stack()[:-1]
            if "site-packages" not in caller.filename
        ]
        print("loads:", own[-1])


def names(session: Session) -> list[str]:
    users = session.scalars(select(User))
    return [user.organization.name for user in users]


def rename(session: Session, id: int, name: str) -> str:
    user = session.get_one(User, id)
    user.name = name
    session.commit()
    return user.name


# --8<-- [end:example]
engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(User(name="alice", organization=Organization(name="Library")))
    session.commit()
for function, arguments in ((names, ()), (rename, (1, "alicia"))):
    with Session(engine) as session:
        function(session, *arguments)
engine.dispose()
