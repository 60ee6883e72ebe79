# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "advanced-alchemy>=1.12,<2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "fastapi-pagination>=0.16,<1",
#   "fastapi-users>=15,<16",
#   "fastapi-users-db-sqlalchemy>=7,<8",
#   "fastcrud>=0.23,<1",
#   "httpx>=0.28,<1",
#   "litestar>=2.25,<3",
#   "pydantic>=2.14,<3",
#   "sqladmin>=0.32,<1",
# ]
# ///
"""What the page `library-query` says beyond its examples, each sentence asserted by a run."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace

import advanced_alchemy.exceptions
from advanced_alchemy.extensions.litestar import SQLAlchemyDTO, SQLAlchemyDTOConfig
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from fastapi import FastAPI
from fastapi_pagination import Page, Params, add_pagination
from fastapi_pagination.ext.sqlalchemy import apaginate
from fastapi_users import BaseUserManager, FastAPIUsers, IntegerIDMixin, schemas
from fastapi_users.authentication import (
    AuthenticationBackend,
    BearerTransport,
    JWTStrategy,
)
from fastapi_users_db_sqlalchemy import (
    SQLAlchemyBaseUserTable,
    SQLAlchemyUserDatabase,
)
from fastcrud import FastCRUD
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, get
from litestar.logging import LoggingConfig
from pydantic import BaseModel, ConfigDict, ValidationError
from sqladmin import Admin, ModelView
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.orm.exc import DetachedInstanceError

Session = async_sessionmaker(expire_on_commit=False)


def mapped(lazy="select"):
    """The models, with `lazy` on the collection."""

    class Base(DeclarativeBase):
        type_annotation_map = {str: String(100)}

    class Organization(Base):
        __tablename__ = "organizations"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Post(Base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    class User(SQLAlchemyBaseUserTable[int], Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        organization_id: Mapped[int | None] = mapped_column(
            ForeignKey("organizations.id")
        )
        organization: Mapped[Organization | None] = relationship()
        posts: Mapped[list[Post]] = relationship(lazy=lazy)

    class Users(SQLAlchemyAsyncRepository[User]):
        model_type = User

    return SimpleNamespace(
        Base=Base, Organization=Organization, User=User, Post=Post, Users=Users
    )


MODELS = {lazy: mapped(lazy) for lazy in ("select", "selectin", "joined", "raise")}
plain = MODELS["select"]


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class OrganizationRead(Read):
    name: str


class PostRead(Read):
    title: str


class UserWithOrganization(Read):
    email: str
    organization: OrganizationRead


class UserWithPosts(schemas.BaseUser[int]):
    posts: list[PostRead]


async def refused(call):
    """Assert that `await call` needs a greenlet, in its own error or in one of Pydantic's."""
    try:
        await call
    except ValidationError as error:
        (one,) = error.errors()
        assert "MissingGreenlet" in one["msg"], one
        return
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return
    raise AssertionError("the call was not refused")


async def raised(kind, call):
    """The error of `await call`, which is of this very class."""
    try:
        await call
    except kind as error:
        assert type(error) is kind, error
        return error
    raise AssertionError(f"the call did not raise {kind}")


async def posts_of(call):
    """How many posts the user has that `await call` returned."""
    return len((await call).posts)


@contextmanager
def counted():
    """The statements that are sent meanwhile."""
    sent = []
    engine = Session.kw["bind"].sync_engine

    def count(*execution):
        sent.append(execution[2])

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


def client_of(app):
    return AsyncClient(transport=ASGITransport(app), base_url="http://localhost")


async def get_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        yield session


@asynccontextmanager
async def users_client(models, database=SQLAlchemyUserDatabase, hook=False):
    """A client of fastapi-users' routes for the one user, who is logged in; they answer with the user's posts."""

    class Manager(IntegerIDMixin, BaseUserManager[models.User, int]):
        async def on_after_register(self, user, _request=None):
            if hook:
                await self.user_db.session.refresh(user, ["posts"])

    async def manager():
        async with Session() as session:
            yield Manager(database(session, models.User))

    strategy = JWTStrategy(
        secret="a secret of 32 bytes, for a test", lifetime_seconds=60
    )
    transport = BearerTransport(tokenUrl="login")
    backend = AuthenticationBackend("jwt", transport, lambda: strategy)
    users = FastAPIUsers[models.User, int](manager, [backend])
    app = FastAPI()
    create, update = schemas.BaseUserCreate, schemas.BaseUserUpdate
    app.include_router(users.get_register_router(UserWithPosts, create))
    app.include_router(users.get_users_router(UserWithPosts, update))
    async with Session() as session, client_of(app) as client:
        user = await session.get_one(models.User, 1)
        token = await strategy.write_token(user)
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def registered(client):
    bob = {"email": "bob@example.com", "password": "a long password"}
    return client.post("/register", json=bob)


def patched(client):
    return client.patch("/me", json={"email": "carol@example.com"})


async def model_fastapi_users():
    """`lazy="selectin"` or `"joined"` on the model serves each route of fastapi-users."""
    for lazy in ("selectin", "joined"):
        async with users_client(MODELS[lazy]) as client:
            assert (await registered(client)).json()["posts"] == []
            assert len((await client.get("/me")).json()["posts"]) == 2
            assert len((await patched(client)).json()["posts"]) == 2
        await create_rows(Session.kw["bind"])
    return "POST /register, GET /me and PATCH /me gave the posts with both"


async def each_request():
    """With `lazy="selectin"`, each request that authenticates a user costs one more SELECT."""
    seen = []
    for lazy in ("select", "selectin"):
        async with users_client(MODELS[lazy]) as client:
            with counted() as sent:
                if lazy == "select":
                    await refused(client.get("/me"))
                else:
                    await client.get("/me")
        seen.append(len([sql for sql in sent if "FROM posts" not in sql]))
        seen.append(len([sql for sql in sent if "FROM posts" in sql and " IN " in sql]))
    assert seen == [1, 0, 1, 1]
    return "select: 1 of the user; selectin: 1 of the user, 1 of the posts"


async def fastapi_users_hooks():
    """`on_after_register()` serves only the registration, `_get_user()` all but the registration."""

    class Database(SQLAlchemyUserDatabase):
        async def _get_user(self, statement):
            loaded = statement.options(selectinload(plain.User.posts))
            return await super()._get_user(loaded)

    async with users_client(plain, hook=True) as client:
        assert (await registered(client)).json()["posts"] == []
        await refused(client.get("/me"))
        await refused(patched(client))
    await create_rows(Session.kw["bind"])
    async with users_client(plain, Database) as client:
        await refused(registered(client))
        assert len((await client.get("/me")).json()["posts"]) == 2
        assert len((await patched(client)).json()["posts"]) == 2
    return "on_after_register(): POST /register; _get_user(): GET /me and PATCH /me"


async def fastcrud_columns():
    """FastCRUD selects columns, so `lazy=` changes nothing; `get_joined()` and `get_multi_joined()` load a relationship."""
    options = {"schema_to_select": UserWithOrganization, "return_as_model": True}
    joins = {"nest_joins": True, "auto_detect_relationships": ["organization"]}
    for models in MODELS.values():
        users = FastCRUD(models.User)
        async with Session() as session:
            with counted() as sent:
                assert "posts" not in await users.get(session, id=1)
            assert len(sent) == 1 and "posts" not in sent[0]
            error = await raised(ValidationError, users.get(session, id=1, **options))
            (missing,) = error.errors()
            assert (missing["type"], *missing["loc"]) == ("missing", "organization")
            with counted() as sent:
                user = await users.get_joined(session, id=1, **joins, **options)
            assert user.organization.name == "Library" and len(sent) == 1
            page = await users.get_multi_joined(session, **joins, **options)
            assert page["data"] == [user]
    return (
        f"Field required with lazy={', '.join(MODELS)}; get_joined(): Library, 1 SELECT"
    )


async def repository_costs():
    """`load=` joins a many-to-one into the SELECT, and sends one more for a collection."""
    async with Session() as session:
        with counted() as joined:
            await plain.Users(session=session).get_many(load=[plain.User.organization])
    async with Session() as session:
        with counted() as more:
            await plain.Users(session=session).get_many(load=[plain.User.posts])
    assert len(joined) == 1 and "JOIN organizations" in joined[0]
    assert len(more) == 2 and "FROM posts" in more[1]
    return "many-to-one: 1 SELECT with a JOIN; collection: 2 SELECTs"


async def repository_add():
    """`add()` of a repository loads no relationship, even with `load=`; `refresh()` does."""
    async with Session() as session:
        users = plain.Users(session=session, load=[plain.User.posts])
        user = plain.User(email="bob@example.com", hashed_password="")
        await refused(posts_of(users.add(user)))
        await session.refresh(user, ["posts"])
        assert user.posts == []
    return "refused with load=; refresh(): []"


async def repository_update():
    """What `update()` and `upsert()` return needs `load=` for a relationship that you did not set."""
    for method in ("update", "upsert"):
        async with Session() as session:
            update = getattr(plain.Users(session=session), method)
            user = {"id": 1, "email": f"{method}@example.com", "hashed_password": ""}
            await refused(posts_of(update(plain.User(**user))))
        async with Session() as session:
            update = getattr(plain.Users(session=session), method)
            loaded = update(plain.User(**user), load=[plain.User.posts])
            assert await posts_of(loaded) == 2
    return "update() and upsert(): refused; with load=: 2 posts"


async def repository_lazy_raise():
    """`update()` works with `lazy="raise"`, for a new object and for one from the session."""
    models = MODELS["raise"]
    async with Session() as session:
        users = models.Users(session=session)
        sent = models.User(id=1, email="bob@example.com")
        assert (await users.update(sent)).email == "bob@example.com"
        user = await users.get(1)
        user.email = "carol@example.com"
        assert (await users.update(user)).email == "carol@example.com"
    return "bob@example.com, carol@example.com"


async def repository_unique():
    """With `lazy="joined"`, a repository hides the message in an error of its own, until you pass `uniquify=True`."""
    models = MODELS["joined"]
    own = advanced_alchemy.exceptions.InvalidRequestError
    async with Session() as session:
        error = await raised(own, models.Users(session=session).get_many())
        assert type(error.__cause__) is InvalidRequestError
        assert "The unique() method must be invoked" in str(error.__cause__)
        await raised(own, models.Users(session=session).get(1))
        (user,) = await models.Users(session=session, uniquify=True).get_many()
        assert len(user.posts) == 2
    return f"{error.detail}; with uniquify=True 2 posts"


async def litestar_response():
    """A relationship that the DTO reads unloaded is a response 500, which Litestar does not log by default; it can be excluded."""
    User, Users = plain.User, plain.Users

    class Columns(SQLAlchemyDTO[User]):
        config = SQLAlchemyDTOConfig(exclude={"organization", "posts"})

    async def first(session: AsyncSession) -> User:
        return await Users(session=session).get(1)

    def app_of(dto, **logging):
        route = get("/", return_dto=dto, dependencies={"session": get_session})(first)
        config = LoggingConfig(
            configure_root_logger=False,
            handlers={"queue_listener": {"class": "logging.NullHandler"}},
            exception_logging_handler=log,
            **logging,
        )
        return Litestar([route], after_exception=[see], logging_config=config)

    def see(error, _):
        seen.append(error)

    def log(*_):
        logged.append(seen[-1])

    seen, logged, logs = [], [], []
    for logging in ({}, {"log_exceptions": "always"}):
        async with client_of(app_of(SQLAlchemyDTO[User], **logging)) as client:
            response = await client.get("/")
        error = seen[-1]
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        answer = {"status_code": 500, "detail": "Internal Server Error"}
        assert response.json() == answer
        logs.append(len(logged))
    assert logs == [0, 1]
    async with client_of(app_of(Columns)) as client:
        assert (await client.get("/")).json()["email"] == "alice@example.com"
    return (
        f"{answer['detail']}, logged with log_exceptions='always' only; excluded: 200"
    )


async def pagination_greenlet():
    """`apaginate()` reads the fields of the page in a greenlet: an unloaded many-to-one costs a SELECT per object."""
    app = FastAPI()
    User = plain.User

    @app.get("/lazy")
    async def lazy() -> Page[UserWithOrganization]:
        async with Session() as session:
            return await apaginate(session, select(User))

    @app.get("/eager")
    async def eager() -> Page[UserWithOrganization]:
        query = select(User).options(selectinload(User.organization))
        async with Session() as session:
            return await apaginate(session, query)

    async with Session() as session:
        for number in (2, 3):
            organization = plain.Organization(name=f"Library {number}")
            email = f"user{number}@example.com"
            user = User(email=email, hashed_password="", organization=organization)
            session.add(user)
        await session.commit()
    add_pagination(app)
    seen = []
    async with client_of(app) as client:
        for path in ("/lazy", "/eager"):
            with counted() as sent:
                assert len((await client.get(path)).json()["items"]) == 3
            seen.append(len([sql for sql in sent if "FROM organizations" in sql]))
    assert seen == [3, 1]
    return "3 SELECTs for 3 organizations; with selectinload() 1"


async def unique_by_library():
    """With `lazy="joined"`, fastapi-users, SQLAdmin and fastapi-pagination call `unique()`, the last unless `unique=False`."""
    User = MODELS["joined"].User
    app = FastAPI()
    admin = Admin(app, Session.kw["bind"])

    class UserAdmin(ModelView, model=User):
        column_list = [User.email]

    admin.add_view(UserAdmin)
    async with client_of(app) as client:
        for page in ("list", "details/1", "edit/1"):
            assert "alice@example.com" in (await client.get(f"/admin/user/{page}")).text
    async with users_client(MODELS["joined"]) as client:
        assert len((await client.get("/me")).json()["posts"]) == 2
    async with Session() as session:
        page = await apaginate(session, select(User), Params())
        assert len(page.items) == 1
        not_unique = apaginate(session, select(User), Params(), unique=False)
        error = await raised(InvalidRequestError, not_unique)
        assert "The unique() method must be invoked" in str(error)
    return "all three gave alice once; fastapi-pagination with unique=False was refused"


async def sqladmin_queries():
    """The options of `list_query()` serve the list; the details need `details_query()`."""
    User = plain.User

    def organization(user, _):
        return user.organization.name

    class UserAdmin(ModelView, model=User):
        column_list = column_details_list = [User.email]
        column_formatters = column_formatters_detail = {User.email: organization}

        def list_query(self, request):
            query = super().list_query(request)
            return query.options(selectinload(User.organization))

    class DetailsAdmin(UserAdmin, model=User):
        def details_query(self, request):
            query = super().details_query(request)
            return query.options(selectinload(User.organization))

    for view in (UserAdmin, DetailsAdmin):
        app = FastAPI()
        Admin(app, Session.kw["bind"]).add_view(view)
        async with client_of(app) as client:
            assert "Library" in (await client.get("/admin/user/list")).text
            details = client.get("/admin/user/details/1")
            if view is UserAdmin:
                await raised(DetachedInstanceError, details)
            else:
                assert "Library" in (await details).text
    return "list_query(): the list; details_query(): the details"


FACTS = (
    model_fastapi_users,
    each_request,
    fastapi_users_hooks,
    fastcrud_columns,
    repository_costs,
    repository_add,
    repository_update,
    repository_lazy_raise,
    repository_unique,
    litestar_response,
    pagination_greenlet,
    unique_by_library,
    sqladmin_queries,
)


async def create_rows(engine):
    """One user with an organization and two posts, in empty tables."""
    Session.configure(bind=engine)
    async with engine.begin() as connection:
        await connection.run_sync(plain.Base.metadata.drop_all)
        await connection.run_sync(plain.Base.metadata.create_all)
    async with Session() as session:
        posts = [plain.Post(title="first"), plain.Post(title="second")]
        alice = plain.User(email="alice@example.com", hashed_password="")
        alice.organization = plain.Organization(name="Library")
        alice.posts = posts
        session.add(alice)
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    for fact in FACTS:
        await create_rows(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")
    await engine.dispose()


asyncio.run(main())
