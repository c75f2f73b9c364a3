"""What the API takes and gives. The OpenAPI document is made from these very models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Role = Literal["rep", "manager", "director", "delivery", "delivery_director", "legal", "finance", "hr", "admin"]
Stage = Literal["first_contact", "needs_confirmed", "solution_demo", "objection_handling", "closing_prep"]
LeadState = Literal["open", "won", "lost"]
TodoState = Literal["open", "done", "cancelled"]

CustomerName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Source = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Given(BaseModel):
    """What a caller sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Paging(Given):
    limit: int = Field(default=50, ge=1, le=200, description="rows on a page")
    cursor: int = Field(default=0, ge=0, le=2**63 - 1, description="`next_cursor` of the page before")


class CustomerQuery(Paging):
    q: str | None = Field(default=None, min_length=1, max_length=200, description="part of the name")
    owner_id: RowId | None = None


class LeadQuery(Paging):
    state: LeadState | None = None
    customer_id: RowId | None = None
    owner_id: RowId | None = None


class TodoQuery(Paging):
    state: TodoState | None = None
    assignee_id: RowId | None = None
    customer_id: RowId | None = None


class User(BaseModel):
    id: int
    name: str
    role: Role
    team_id: int | None
    active: bool


class UserPage(BaseModel):
    items: list[User]
    next_cursor: int | None


class Customer(BaseModel):
    id: int
    name: str
    aliases: list[str]
    owner_id: int | None
    team_id: int | None
    created_at: AwareDatetime


class CustomerPage(BaseModel):
    items: list[Customer]
    next_cursor: int | None


class CustomerNew(Given):
    """Without `owner_id` the caller's own; the team is the owner's."""

    name: CustomerName
    aliases: list[CustomerName] = Field(default_factory=list, max_length=50)
    owner_id: RowId | None = None


class CustomerChange(Given):
    """Only what is given changes. Who answers for the team may give the customer to another colleague."""

    name: CustomerName | None = None
    aliases: list[CustomerName] | None = Field(default=None, max_length=50)
    owner_id: RowId | None = None


class Lead(BaseModel):
    id: int
    customer_id: int
    owner_id: int | None
    team_id: int | None
    stage: str
    state: LeadState
    source: str
    created_at: AwareDatetime
    touched_at: AwareDatetime


class LeadPage(BaseModel):
    items: list[Lead]
    next_cursor: int | None


class LeadNew(Given):
    """Without `owner_id` the customer's owner, else the caller."""

    customer_id: RowId
    stage: Stage = "first_contact"
    source: Source = "api"
    owner_id: RowId | None = None


class LeadChange(Given):
    """`stage`: the touchpoint that happened. `state` closes the lead. Only what is given changes."""

    stage: Stage | None = None
    state: Literal["won", "lost"] | None = None
    owner_id: RowId | None = None


class Todo(BaseModel):
    id: int
    title: str
    owner: Literal["us", "customer"] = Field(description="who has to do it")
    assignee_id: int
    customer_id: int | None
    due_at: AwareDatetime | None
    remind_at: AwareDatetime | None
    state: TodoState
    created_at: AwareDatetime
    done_at: AwareDatetime | None


class TodoPage(BaseModel):
    items: list[Todo]
    next_cursor: int | None


class TodoNew(Given):
    """Without `assignee_id` the caller's own; without `remind_at` it rings when it is due."""

    title: Title
    assignee_id: RowId | None = None
    customer_id: RowId | None = None
    due_at: AwareDatetime | None = None
    remind_at: AwareDatetime | None = None


class TodoChange(Given):
    """Of an open to-do. Only what is given changes; `due_at` and `remind_at` may be null."""

    title: Title | None = None
    due_at: AwareDatetime | None = None
    remind_at: AwareDatetime | None = None
    assignee_id: RowId | None = None
    state: Literal["done", "cancelled"] | None = None


class FieldFault(BaseModel):
    name: str
    message: str


class ErrorDetail(BaseModel):
    code: str
    message: str
    fields: list[FieldFault] | None = None


class Error(BaseModel):
    error: ErrorDetail
