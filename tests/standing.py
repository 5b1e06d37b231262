"""Rows as a test wants them to stand, past the database's own watch over how they come to stand so."""

from typing import Any

from django.db import connection, models, transaction


def let_stand(rows: "models.QuerySet[Any]", **fields: Any) -> None:
    """Update rows without asking whether they may move like this; nothing is written into their history."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        rows.update(**fields)
        cursor.execute("SET LOCAL session_replication_role = origin")


def standing(model: Any, state: Any, **fields: Any) -> Any:
    """A new row that begins as every row does, and stands in `state` with `fields` at once."""
    own = {name: value for name, value in fields.items() if name not in LEASE}
    row = model._default_manager.create(**own)
    later = {name: value for name, value in fields.items() if name in LEASE}
    if state != row.state or later:
        let_stand(model._default_manager.filter(pk=row.pk), state=state, **later)
        row.refresh_from_db()
    return row


LEASE = ("lease_token", "lease_until", "attempt")
