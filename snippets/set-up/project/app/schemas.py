from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class OrganizationOut(Out):
    id: int
    name: str


class PostOut(Out):
    id: int
    title: str


class UserOut(Out):
    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    organization: OrganizationOut


class UserWithPosts(UserOut):
    posts: list[PostOut]


class OrganizationIn(BaseModel):
    name: str


class UserIn(BaseModel):
    name: str
    organization_id: int


class UserChange(BaseModel):
    name: str
