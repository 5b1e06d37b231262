"""The changes of one feature of one lesion: the chosen element of each stored array, never the arrays."""

from dataclasses import dataclass

from django.db import connection

from patients.vocabulary import Reference

Form = tuple[float | None, str | None]
FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """One feature at one visit against one reference: each form as value and reason code."""

    timepoint_pk: int
    snapshot_pk: int
    reference: Reference
    interval_days: int
    build_differs: bool
    absolute: Form
    relative_ratio: Form
    log_ratio: Form
    symmetric_ratio: Form
    velocity_per_month: Form


_COLUMNS = ", ".join(f"d.{form}[p.place], d.reasons->'{form}'->>(p.place - 1)" for form in FORMS)
_CHANGES = f"""
    SELECT d.timepoint_id, d.snapshot_id, d.reference, d.interval_days, d.build_differs, {_COLUMNS}
    FROM patients_featuredelta d
    JOIN patients_featureset n ON n.id = d.feature_set_id
    CROSS JOIN LATERAL (SELECT array_position(n.names::text[], %s) AS place) p
    WHERE d.lesion_id = %s AND d.region = 'LESION' AND p.place IS NOT NULL
    ORDER BY d.timepoint_id, d.reference
"""


def feature_changes(lesion_pk: int, name: str) -> tuple[FeatureChange, ...]:
    """Every stored change of one feature of one lesion, in one query.

    A visit with several kinds of scan has changes of each: `snapshot_pk` tells them apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, [name, lesion_pk])
        rows = cursor.fetchall()
    return tuple(
        FeatureChange(
            timepoint, snapshot, Reference(reference), days, build_differs, *zip(forms[::2], forms[1::2], strict=True)
        )
        for timepoint, snapshot, reference, days, build_differs, *forms in rows
    )
