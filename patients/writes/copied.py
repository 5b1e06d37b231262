"""Rows of long arrays as PostgreSQL's binary COPY takes them: bytes made once, for the table and for the digest.

An INSERT spells every number and word out in SQL: the largest patient has two million of them. What is sent here is
the same to the bit, NULL, minus zero and all.
"""

import hashlib
import json
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from io import BytesIO
from struct import Struct
from typing import Any, TypeAlias, cast

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

Encode = Callable[[Any], bytes]
AnyField: TypeAlias = "models.Field[Any, Any]"

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_CHUNK_BYTES = 1 << 20
_columns_in_row = Struct(">h").pack
_length = Struct(">i").pack
_double = Struct(">id").pack
_array_head = Struct(">iiiii").pack
# The numbers of PostgreSQL's types that arrays are made of.
_DOUBLE, _BOOLEAN, _INTEGER, _VARCHAR = 701, 16, 23, 1043


def said_by(row: models.Model) -> bytes:
    """Everything that a row says, as its columns stand in the binary COPY: all but its number and its digest."""
    return b"".join(_column(encode(value)) if value is not None else _NULL for encode, value in _values(row))


def digest_of_said(said: bytes) -> str:
    """SHA-256 over what a row says: the model's columns in their order, without `id`, `patient` and `inputs_digest`.

    Each column is its length in bytes (signed 32 bits, big-endian; -1 and nothing more: NULL) and its value as
    PostgreSQL's binary format has it: numbers big-endian, doubles as the 64 bits of IEEE 754, text as UTF-8, JSON as
    byte 1 and its text. An array is dimensions (1), whether it may hold NULL (1), the type of its elements, how many
    they are, the first place (1), and each element as a column is.
    """
    return hashlib.sha256(said).hexdigest()


def copy_rows(model: type[models.Model], patient_pk: int, rows: Sequence[tuple[bytes, str]]) -> None:
    """Add rows of one patient, each what it says and its digest, in one COPY inside the caller's transaction."""
    if not rows:
        return
    names = ["patient_id", "inputs_digest", *(field.attname for field in _columns(model))]
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    count, patient = _columns_in_row(len(names)), _column(_bigint(patient_pk))
    stream = BytesIO()
    stream.write(_HEADER)
    for said, digest in rows:
        stream.writelines((count, patient, _column(digest.encode()), said))
    stream.write(_TRAILER)
    stream.seek(0)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({quoted}) FROM STDIN (FORMAT BINARY)", stream, _CHUNK_BYTES)


@cache
def _columns(model: type[models.Model]) -> tuple[AnyField, ...]:
    fields = model._meta.concrete_fields
    return tuple(one for one in fields if not one.primary_key and one.name not in ("patient", "inputs_digest"))


@cache
def _encoders(model: type[models.Model]) -> tuple[tuple[str, Encode], ...]:
    return tuple((field.attname, _encoder(field)) for field in _columns(model))


def _values(row: models.Model) -> Iterable[tuple[Encode, Any]]:
    return ((encode, getattr(row, name)) for name, encode in _encoders(type(row)))


def _column(value: bytes) -> bytes:
    return _length(len(value)) + value


def _text(value: str) -> bytes:
    return str(value).encode()


def _json(value: Any) -> bytes:
    return b"\x01" + json.dumps(value).encode()


_bigint: Encode = Struct(">q").pack
_boolean: Encode = Struct(">?").pack
# Django's kinds of field, the narrower before the wider.
_SCALARS: tuple[tuple[type[AnyField], Encode], ...] = (
    (models.BigIntegerField, _bigint),
    (models.SmallIntegerField, Struct(">h").pack),
    (models.IntegerField, _length),
    (models.BooleanField, _boolean),
    (models.CharField, _text),
    (models.JSONField, _json),
)


def _encoder(field: AnyField) -> Encode:
    """What makes bytes of a field's values. Raises TypeError for a kind of field that has never been copied."""
    if isinstance(field, models.ForeignKey):
        return _encoder(field.target_field)
    if isinstance(field, ArrayField):
        return _array_encoder(field.base_field)
    for kind, encode in _SCALARS:
        if isinstance(field, kind):
            return encode
    raise TypeError(f"{field} is of a kind that is not copied yet: say in _SCALARS how PostgreSQL sends it")


def _array_encoder(element: AnyField) -> Encode:
    of: Encode
    if isinstance(element, models.FloatField):
        kind, of = _DOUBLE, doubles
    elif isinstance(element, models.BooleanField):
        kind, of = _BOOLEAN, _few(_boolean)
    elif isinstance(element, models.CharField):
        kind, of = _VARCHAR, _few(_text)
    elif type(element) is models.IntegerField:
        kind, of = _INTEGER, _few(_length)
    else:
        raise TypeError(f"arrays of {type(element).__name__} are not copied yet")

    def encode(values: Sequence[Any]) -> bytes:
        if not values:
            return _length(0) + _length(0) + _length(kind)
        return _array_head(1, 1, kind, len(values), 1) + of(values)

    return encode


def doubles(values: Sequence[float | None]) -> bytes:
    """The elements of an array of doubles: each its length (8) and its bits, or the length -1 for NULL.

    >>> doubles([-0.0, None]).hex(" ", 4)
    '00000008 80000000 00000000 ffffffff'
    """
    try:
        numbers = array("d", cast("Sequence[float]", values))
    except TypeError:
        return b"".join([_NULL if value is None else _double(8, value) for value in values])
    if sys.byteorder == "little":
        numbers.byteswap()
    # Length, first and second half of each number: three words an element, filled a column at a time.
    halves = array("I", numbers.tobytes())
    words = array("I", _length(8) * (3 * len(numbers)))
    words[1::3], words[2::3] = halves[0::2], halves[1::2]
    return words.tobytes()


def _few(encode: Encode) -> Encode:
    """The elements of an array of few different values: bytes are made once of each."""
    known = _Known(encode)
    return lambda values: b"".join(map(known.__getitem__, values))


class _Known(dict[Any, bytes]):
    """Elements that were made into bytes before; a word and its plain text are one key."""

    def __init__(self, encode: Encode) -> None:
        super().__init__({None: _NULL})
        self._encode = encode

    def __missing__(self, value: Any) -> bytes:
        self[value] = _column(self._encode(value))
        return self[value]
