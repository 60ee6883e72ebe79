# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `polymorphic-column` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

import sqlalchemy
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectin_polymorphic,
    with_polymorphic,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(100))
    __mapper_args__ = {"polymorphic_identity": "post", "polymorphic_on": "kind"}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class VideoPost(Post):
    """Has a table of its own."""

    __tablename__ = "video_posts"

    id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    seconds: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "video"}


class FilmPost(Post):
    __tablename__ = "film_posts"

    id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    editor: Mapped[User] = relationship()
    __mapper_args__ = {"polymorphic_identity": "film"}


class SelectinPost(Post):
    __tablename__ = "selectin_posts"

    id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    seconds: Mapped[int]
    __mapper_args__ = {
        "polymorphic_identity": "selectin",
        "polymorphic_load": "selectin",
    }


class AudioPost(Post):
    """Is in the table of its base class."""

    minutes: Mapped[int | None]
    __mapper_args__ = {"polymorphic_identity": "audio"}


class InlinePost(Post):
    pages: Mapped[int | None]
    __mapper_args__ = {"polymorphic_identity": "inline", "polymorphic_load": "inline"}


class InlineSeries(InlinePost):
    chapters: Mapped[int | None]
    __mapper_args__ = {
        "polymorphic_identity": "inline series",
        "polymorphic_load": "inline",
    }


class SelectinSeries(SelectinPost):
    __tablename__ = "selectin_series"

    id: Mapped[int] = mapped_column(ForeignKey("selectin_posts.id"), primary_key=True)
    episodes: Mapped[int]
    __mapper_args__ = {
        "polymorphic_identity": "selectin series",
        "polymorphic_load": "selectin",
    }


COLUMNS = {VideoPost: "seconds", AudioPost: "minutes"}


def refused(read):
    """The error that `read()` raises for want of a greenlet, and the functions in its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
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


async def subclass_column(Session):
    """`post.title` works and `post.seconds` fails, and a result without a `VideoPost` does not show it."""
    async with Session() as session:
        for cls, column in COLUMNS.items():
            [post] = await session.scalars(select(Post))
            assert type(post) is Post
            session.add(cls(title="Tour", **{column: 90}))
            await session.commit()
            posts = await session.scalars(select(Post).order_by(Post.id))
            *_, post = posts.all()
            assert (type(post), post.title) == (cls, "Tour")
            refused(lambda post=post, column=column: getattr(post, column))
            await session.delete(post)
            await session.commit()
    return "title read, seconds and minutes refused"


async def frames(Session):
    """`_load_expired` is in the traceback; after a commit, `post.title` fails too."""
    async with Session() as session:
        session.add(VideoPost(title="Tour", seconds=90))
        session.add(AudioPost(title="Talk", minutes=90))
        await session.commit()
        posts = (await session.scalars(select(Post).where(Post.kind != "post"))).all()
        for post in posts:
            _, found = refused(lambda post=post: getattr(post, COLUMNS[type(post)]))
            assert "_load_expired" in found and "_load_for_state" not in found
            assert post.title
        await session.commit()
        for post in posts:
            refused(lambda post=post: post.title)
    return "_load_expired for both; after a commit title was refused too"


async def select_subclass(Session):
    """`select(VideoPost)` instead of `select(Post)` loads the column."""
    seen = []
    for cls, column in COLUMNS.items():
        async with Session() as session:
            session.add(cls(title="Tour", **{column: 90}))
            await session.commit()
            post = await session.scalar(select(cls))
            seen.append(f"{column}: {getattr(post, column)}")
    return ", ".join(seen)


async def selectin(Session):
    """One extra SELECT per 500 objects of the subclass, from the option or the model, and none without such objects."""
    for objects, extra in ((0, 0), (1, 1), (10, 1), (100, 1), (500, 1), (501, 2)):
        for cls, options in (
            (VideoPost, [selectin_polymorphic(Post, [VideoPost])]),
            (SelectinPost, []),
        ):
            async with Session() as session:
                for post in await session.scalars(select(cls)):
                    await session.delete(post)
                session.add_all(cls(title="Tour", seconds=90) for _ in range(objects))
                await session.commit()
                sent = statements_of(session)
                kinds = ("post", cls.__mapper__.polymorphic_identity)
                query = select(Post).where(Post.kind.in_(kinds)).order_by(Post.id)
                posts = (await session.scalars(query.options(*options))).all()
                assert len(sent) == 1 + extra, (objects, sent)
                assert [post.seconds for post in posts[1:]] == [90] * objects
    return "0, 1, 1, 1, 1 and 2 for 0, 1, 10, 100, 500 and 501 objects"


async def one_statement(Session):
    """`with_polymorphic()` sends one statement with a LEFT OUTER JOIN, and `"inline"` in a single table one without."""
    async with Session() as session:
        session.add(VideoPost(title="Tour", seconds=90))
        session.add(InlinePost(title="Tour", pages=90))
        await session.commit()
        sent = statements_of(session)
        posts = with_polymorphic(Post, [VideoPost])
        video = await session.scalar(select(posts).where(posts.kind == "video"))
        inline = await session.scalar(select(Post).where(Post.kind == "inline"))
        assert video.seconds == inline.pages == 90
        assert len(sent) == 2
        assert "LEFT OUTER JOIN video_posts" in sent[0]
        assert "posts.pages" in sent[1] and "JOIN" not in sent[1]
    return "1 statement each, with a LEFT OUTER JOIN and without"


async def statement(Session):
    """If the error includes its SQL, the SELECT asks only for columns of the subclass."""
    async with Session() as session:
        session.add(VideoPost(title="Tour", seconds=90))
        session.add(AudioPost(title="Talk", minutes=90))
        await session.commit()
        seen = []
        for cls, column in COLUMNS.items():
            kind = cls.__mapper__.polymorphic_identity
            post = await session.scalar(select(Post).where(Post.kind == kind))
            error, _ = refused(lambda post=post, column=column: getattr(post, column))
            assert isinstance(error, StatementError) == includes_sql(session)
            if isinstance(error, StatementError):
                seen.append(" ".join(error.statement.split()))
    if not seen:
        return "no SQL"
    video, audio = seen
    for sql, column in ((video, "video_posts.seconds"), (audio, "posts.minutes")):
        columns = sql.split(" FROM ")[0]
        assert columns.split()[:2] == ["SELECT", column] and "," not in columns
    assert video.endswith(" = video_posts.id")
    assert "posts.kind IN " in audio
    return "only video_posts.seconds; only posts.minutes, with posts.kind IN"


async def relationship_of_subclass(Session):
    """`selectin_polymorphic()` loads `post.editor_id`, but not `post.editor`."""
    async with Session() as session:
        session.add(FilmPost(title="Tour", editor=User()))
        await session.commit()
    async with Session() as session:
        query = select(Post).where(Post.kind == "film")
        option = selectin_polymorphic(Post, [FilmPost])
        post = await session.scalar(query.options(option))
        assert post.editor_id
        refused(lambda: post.editor)
    return "editor_id read, editor refused"


async def three_levels(Session):
    """With three levels, `"selectin"` on each subclass loads all columns, and `"inline"` those of the next level."""
    async with Session() as session:
        session.add(SelectinSeries(title="Tour", seconds=90, episodes=9))
        session.add(InlineSeries(title="Tour", pages=90, chapters=9))
        await session.commit()
    async with Session() as session:
        query = select(Post).where(Post.kind.like("%series"))
        found = {type(post): post for post in await session.scalars(query)}
        selectin_series = found[SelectinSeries]
        assert (selectin_series.seconds, selectin_series.episodes) == (90, 9)
        inline_series = found[InlineSeries]
        assert inline_series.pages == 90
        refused(lambda: inline_series.chapters)
    return "selectin: both read; inline: the second level read, the third refused"


FACTS = (
    subclass_column,
    frames,
    select_subclass,
    selectin,
    one_statement,
    relationship_of_subclass,
    three_levels,
)
# The class of an error, and whether it includes its SQL, could depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """One ordinary post, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(Post(title="Hello"))
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
