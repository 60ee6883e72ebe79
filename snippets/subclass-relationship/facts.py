# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `subclass-relationship` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

import sqlalchemy
from sqlalchemy import ForeignKey, String, delete, event, select
from sqlalchemy.exc import (
    ArgumentError,
    InvalidRequestError,
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectin_polymorphic,
    selectinload,
    with_polymorphic,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list["Post"]] = relationship(order_by="Post.id")


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100), default="Tour")
    kind: Mapped[str] = mapped_column(String(100))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    __mapper_args__ = {"polymorphic_identity": "post", "polymorphic_on": "kind"}


class Clip(Base):
    __tablename__ = "clips"

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video_posts.id"))


class VideoPost(Post):
    """Has a table of its own."""

    __tablename__ = "video_posts"

    id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    seconds: Mapped[int] = mapped_column(default=90)
    editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    editor: Mapped[User] = relationship()
    clips: Mapped[list[Clip]] = relationship()
    checked_editor: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    checked_clips: Mapped[list[Clip]] = relationship(lazy="raise_on_sql", viewonly=True)
    __mapper_args__ = {"polymorphic_identity": "video"}


class AudioPost(Post):
    """Is in the table of its base class."""

    speaker_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    speaker: Mapped[User | None] = relationship()
    __mapper_args__ = {"polymorphic_identity": "audio"}


class LazyPost(Post):
    """Sets `lazy` alone."""

    __tablename__ = "lazy_posts"

    id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    selectin_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    joined_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    selectin: Mapped[User] = relationship(lazy="selectin", foreign_keys=selectin_id)
    joined: Mapped[User] = relationship(lazy="joined", foreign_keys=joined_id)
    __mapper_args__ = {"polymorphic_identity": "lazy"}


class LoadedPost(Post):
    """Sets `polymorphic_load` too."""

    __tablename__ = "loaded_posts"

    id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(lazy="selectin")
    __mapper_args__ = {
        "polymorphic_identity": "loaded",
        "polymorphic_load": "selectin",
    }


def new_posts():
    """One post of each kind of a subclass."""
    user = User()
    return [
        VideoPost(editor=user, clips=[Clip()]),
        AudioPost(speaker=user),
        LazyPost(selectin=user, joined=user),
        LoadedPost(author=user),
    ]


NEEDS_A_SELECT = {
    VideoPost: ("editor", "clips"),
    AudioPost: ("speaker",),
    LazyPost: ("selectin", "joined"),
}


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


async def posts_by_class(session, *options):
    """The one post of each class, from a query of the base class."""
    posts = (await session.scalars(select(Post).options(*options))).unique().all()
    found = {type(post): post for post in posts}
    assert len(found) == len(posts) == 4
    return found


async def relationship_of_subclass(Session):
    """`post.title` works and `post.editor` fails, whether or not the subclass has a table of its own."""
    async with Session() as session:
        for cls, post in (await posts_by_class(session)).items():
            assert post.title == "Tour"
            for name in NEEDS_A_SELECT.get(cls, ()):
                refused(lambda post=post, name=name: getattr(post, name))
    return "title read; editor, clips and the speaker in a single table refused"


async def option_alone(Session):
    """`selectinload()` or `joinedload()` of a subclass's relationship alone loads nothing, and raises no error."""
    for load in (selectinload, joinedload):
        async with Session() as session:
            options = (load(VideoPost.editor), load(AudioPost.speaker))
            sent = statements_of(session)
            found = await posts_by_class(session, *options)
            assert not any("editor" in sql or "speaker" in sql for sql in sent)
            refused(lambda found=found: found[VideoPost].editor)
            refused(lambda found=found: found[AudioPost].speaker)
    return "selectinload() and joinedload(): no error, not loaded"


async def lazy_alone(Session):
    """`lazy="selectin"` and `"joined"` on the relationship need `polymorphic_load="selectin"` on the class."""
    async with Session() as session:
        found = await posts_by_class(session)
        refused(lambda: found[LazyPost].selectin)
        refused(lambda: found[LazyPost].joined)
        assert found[LoadedPost].author
        loaded = await session.scalar(
            select(LazyPost).execution_options(populate_existing=True)
        )
        assert loaded.selectin and loaded.joined
    return "refused without polymorphic_load, loaded with it or by select() of the subclass"


async def both_options(Session):
    """Both options load it, also in a single table, and also with `joinedload()`."""
    polymorphic = selectin_polymorphic(Post, [VideoPost, AudioPost])
    for load in (selectinload, joinedload):
        async with Session() as session:
            options = (load(VideoPost.editor), load(AudioPost.speaker))
            found = await posts_by_class(session, polymorphic, *options)
            assert found[VideoPost].editor is found[AudioPost].speaker is not None
    return "editor and speaker loaded, by selectinload() and by joinedload()"


async def statements(Session):
    """The two options send 2 extra SELECTs per 500 objects of the subclass, `with_polymorphic()` 1, and none without such objects."""
    seen = []
    for videos in (0, 1, 500, 501):
        async with Session() as session:
            await session.execute(delete(Clip))
            for post in await session.scalars(select(Post)):
                await session.delete(post)
            await session.flush()
            session.add_all(VideoPost(editor=User()) for _ in range(videos))
            session.add(Post())
            await session.commit()
        posts = with_polymorphic(Post, [VideoPost])
        both = (
            selectin_polymorphic(Post, [VideoPost]),
            selectinload(VideoPost.editor),
        )
        queries = (
            select(Post).options(*both),
            select(posts).options(selectinload(posts.VideoPost.editor)),
        )
        for query in queries:
            async with Session() as session:
                sent = statements_of(session)
                found = (await session.scalars(query)).all()
                editors = [post.editor for post in found if type(post) is VideoPost]
                assert len(editors) == videos
                seen.append(len(sent) - 1)
    assert seen == [0, 0, 2, 1, 2, 1, 4, 2], seen
    return (
        "0, 2, 2 and 4 for 0, 1, 500 and 501 posts; with_polymorphic(): 0, 1, 1 and 2"
    )


async def on_the_model(Session):
    """`lazy="selectin"` and `polymorphic_load` cost 2 SELECTs per 500 objects of the subclass too, and none without them."""
    seen = []
    for loaded in (0, 1, 500, 501):
        async with Session() as session:
            await session.execute(delete(Clip))
            for post in await session.scalars(select(Post)):
                await session.delete(post)
            await session.flush()
            session.add_all(LoadedPost(author=User()) for _ in range(loaded))
            session.add(Post())
            await session.commit()
        async with Session() as session:
            sent = statements_of(session)
            found = (await session.scalars(select(Post))).all()
            authors = [post.author for post in found if type(post) is LoadedPost]
            assert len(authors) == loaded
            seen.append(len(sent) - 1)
    assert seen == [0, 2, 2, 4], seen
    return "0, 2, 2 and 4 extra SELECTs for 0, 1, 500 and 501 posts"


async def nested(Session):
    """`of_type()` keeps the posts of other classes; without it, the option is refused before the query."""
    async with Session() as session:
        videos = Organization.posts.of_type(VideoPost)
        option = selectinload(videos).selectinload(VideoPost.editor)
        organization = await session.scalar(select(Organization).options(option))
        video, audio, *others = organization.posts
        assert (type(video), type(audio), len(others)) == (VideoPost, AudioPost, 2)
        assert video.editor
        refused(lambda: audio.speaker)
        try:
            selectinload(Organization.posts).selectinload(VideoPost.editor)
        except ArgumentError as error:
            assert "Did you mean to use" in str(error)
        else:
            raise AssertionError("the option was accepted")
    return "4 posts, editor loaded; without of_type(): ArgumentError"


async def raise_on_sql(Session):
    """With `lazy="raise_on_sql"`, a collection is refused by name, a many-to-one for want of a greenlet; `of_type()` loads both."""
    message = "'VideoPost.checked_clips' is not available due to lazy='raise_on_sql'"
    videos = Organization.posts.of_type(VideoPost)
    both = selectinload(videos).options(
        selectinload(VideoPost.checked_editor), selectinload(VideoPost.checked_clips)
    )
    async with Session() as session:
        option = selectinload(Organization.posts)
        organization = await session.scalar(select(Organization).options(option))
        [post] = [post for post in organization.posts if type(post) is VideoPost]
        refused(lambda: post.checked_editor)
        try:
            _ = post.checked_clips
        except InvalidRequestError as error:
            assert type(error) is InvalidRequestError and str(error) == message, error
        else:
            raise AssertionError("the read was not refused")
    async with Session() as session:
        organization = await session.scalar(select(Organization).options(both))
        [post] = [post for post in organization.posts if type(post) is VideoPost]
        assert post.checked_editor and len(post.checked_clips) == 1
    return f"collection: {message}; many-to-one: MissingGreenlet; both loaded with of_type()"


async def frames(Session):
    """A many-to-one shows `_get_ident_for_use_get` and `_load_expired`, a collection `_emit_lazyload` alone."""
    async with Session() as session:
        found = await posts_by_class(session)
        for cls, name in ((VideoPost, "editor"), (AudioPost, "speaker")):
            _, names = refused(lambda cls=cls, name=name: getattr(found[cls], name))
            assert {"_get_ident_for_use_get", "_load_expired"} <= names
            assert "_emit_lazyload" not in names
        _, names = refused(lambda: found[VideoPost].clips)
        assert "_emit_lazyload" in names and "_load_expired" not in names
    return (
        "editor, speaker: _get_ident_for_use_get, _load_expired; clips: _emit_lazyload"
    )


async def statement(Session):
    """If the error includes its SQL, a many-to-one asks for the columns of the subclass, not for the editor."""
    async with Session() as session:
        found = await posts_by_class(session)
        seen = []
        for cls, name in ((VideoPost, "editor"), (AudioPost, "speaker")):
            error, _ = refused(lambda cls=cls, name=name: getattr(found[cls], name))
            assert isinstance(error, StatementError) == includes_sql(session)
            if isinstance(error, StatementError):
                columns, source = " ".join(error.statement.split()).split(" FROM ")
                assert source.startswith(
                    "video_posts WHERE" if cls is VideoPost else "posts WHERE"
                )
                columns = columns.removeprefix("SELECT ").split(", ")
                seen += [column.split()[0] for column in columns]
        _, names = refused(lambda: found[VideoPost].seconds)
        assert "_load_expired" in names and "_get_ident_for_use_get" not in names
    if not seen:
        return "no SQL"
    seen.sort()
    assert seen == ["posts.speaker_id", "video_posts.editor_id", "video_posts.seconds"]
    return ", ".join(seen)


FACTS = (
    relationship_of_subclass,
    option_alone,
    lazy_alone,
    both_options,
    statements,
    on_the_model,
    nested,
    raise_on_sql,
    frames,
)
# The class of an error, and whether it includes its SQL, could depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """One organization with a post of each class, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(Organization(posts=new_posts()))
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
