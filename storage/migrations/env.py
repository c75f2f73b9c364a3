"""How Alembic sees the schema. The connection comes from `storage.migrate`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from storage.base import Money, UtcDateTime
from storage.tables import Base


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types as plain ones, so that a migration never changes with the code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Money):
        return 'sa.Numeric(16, 2).with_variant(sa.BigInteger(), "sqlite")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=_render,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
