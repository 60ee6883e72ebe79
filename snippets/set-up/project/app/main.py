from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from app.database import engine, get_session
from app.models import Organization, User
from app.schemas import (
    OrganizationIn,
    OrganizationOut,
    UserChange,
    UserIn,
    UserOut,
    UserWithPosts,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.post("/organizations", response_model=OrganizationOut)
async def create_organization(
    new: OrganizationIn, session: SessionDep
):
    organization = Organization(name=new.name)
    session.add(organization)
    await session.commit()
    return organization


@app.get("/users", response_model=list[UserOut])
async def list_users(session: SessionDep):
    query = (
        select(User)
        .order_by(User.id)
        .options(joinedload(User.organization))
    )
    return (await session.scalars(query)).all()


@app.get("/users/{id}", response_model=UserWithPosts)
async def show_user(id: int, session: SessionDep):
    options = [
        joinedload(User.organization),
        selectinload(User.posts),
    ]
    user = await session.get(User, id, options=options)
    if user is None:
        raise HTTPException(404)
    return user


@app.post("/users", response_model=UserOut)
async def create_user(new: UserIn, session: SessionDep):
    organization = await session.get(
        Organization, new.organization_id
    )
    if organization is None:
        raise HTTPException(404)
    user = User(name=new.name, organization=organization)
    session.add(user)
    await session.commit()
    return user


@app.patch("/users/{id}", response_model=UserOut)
async def rename_user(
    id: int, change: UserChange, session: SessionDep
):
    options = [joinedload(User.organization)]
    user = await session.get(User, id, options=options)
    if user is None:
        raise HTTPException(404)
    user.name = change.name
    await session.commit()
    return user
