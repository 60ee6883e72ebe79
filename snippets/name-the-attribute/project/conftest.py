from traceback import walk_stack

from sqlalchemy import event, inspect
from sqlalchemy.orm import (
    InstrumentedAttribute,
    ORMExecuteState,
    Session,
)
from sqlalchemy.util.concurrency import in_greenlet


class NotLoaded(AssertionError):
    pass


def name_the_attribute(execution: ORMExecuteState) -> None:
    if in_greenlet():
        return
    session = execution.session
    bind = session.get_bind(**execution.bind_arguments)
    if not bind.dialect.is_async:
        return
    for frame, _ in walk_stack(None):
        read = frame.f_locals.get("self")
        if isinstance(read, InstrumentedAttribute):
            state = inspect(frame.f_locals["instance"])
            why = reason(execution, read, state)
            raise NotLoaded(f"{read} {why}")


def reason(execution, read, state) -> str:
    if execution.is_relationship_load:
        many = read.property.uselist
        kind = "collection" if many else "relationship"
        return f"is a {kind} that was not loaded"
    deferred = getattr(read.property, "deferred", False)
    if read.key in state.expired_attributes and not deferred:
        return "had expired"
    return "is deferred"


event.listen(Session, "do_orm_execute", name_the_attribute)
