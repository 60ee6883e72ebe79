# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "advanced-alchemy>=1.12,<2",
#   "httpx>=0.28,<1",
#   "litestar>=2.25,<3",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator

from advanced_alchemy.extensions.litestar import SQLAlchemyDTO
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, get
from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
Session = async_sessionmaker(engine, expire_on_commit=False)


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


async def get_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        yield session


# --8<-- [start:example]
class UserRepository(SQLAlchemyAsyncRepository[User]):
    model_type = User
    loader_options = [User.organization]


@get("/users", return_dto=SQLAlchemyDTO[User])
async def list_users(session: AsyncSession) -> list[User]:
    users = UserRepository(session=session)
    return await users.get_many()


async def request(client: AsyncClient) -> None:
    response = await client.get("/users")
    print(response.json())


# --8<-- [end:example]


app = Litestar(
    [list_users],
    dependencies={"session": get_session},
    logging_config=None,
)


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        await request(client)
    await engine.dispose()


asyncio.run(main())
