"""An array of doubles that comes out bit by bit as it went in."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models


class DoublesField(ArrayField):  # type: ignore[type-arg]  # not subscriptable at run time
    """`double precision[]`, NULL where there is no number.

    It is sent as one text literal: an SQL list of numbers passes through `numeric`, which knows no minus zero.
    """

    def __init__(self, base_field: "models.Field[Any, Any] | None" = None, **kwargs: Any) -> None:
        super().__init__(base_field or models.FloatField(null=True), **kwargs)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002  # Django's signature
        """The array as PostgreSQL writes it, each number with all its digits."""
        return value if value is None or isinstance(value, str) else as_literal(value)


def as_literal(values: Iterable[float | None]) -> str:
    """One array in PostgreSQL's own spelling.

    >>> as_literal([0.1, None, -0.0])
    '{0.1,NULL,-0.0}'
    """
    return "{" + ",".join("NULL" if value is None else repr(float(value)) for value in values) + "}"
