# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
# ]
# ///
import asyncio
import os
from typing import Annotated

from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import ForeignKey, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

engine = create_engine(os.environ.get("DATABASE_URL", "sqlite://"))
app = FastAPI()


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship()


# --8<-- [start:example]
async def get_session():
    with Session(engine) as session:
        yield session


@app.get("/users")
async def users(
    session: Annotated[Session, Depends(get_session)],
) -> list[str]:
    task = asyncio.current_task()
    print(f"in the event loop: {task is not None}")
    found = session.scalars(select(User)).all()
    session.commit()
    return [f"{u.name}: {u.posts[0].title}" for u in found]


# --8<-- [end:example]


async def main() -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(name="alice", posts=[Post(title="Hello")]))
        session.commit()

    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.get("/users")
        print(f"status {response.status_code}: {response.json()}")
    engine.dispose()


asyncio.run(main())
