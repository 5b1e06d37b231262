"""Store repeats of an outline under perturbation, once."""

from typing import Any

from django.db import transaction

from patients.models import RepeatedExtraction, Segmentation
from patients.writes.features import feature_set


def store_repeats(segmentation: Segmentation, repeated: dict[str, Any]) -> RepeatedExtraction:
    """The repeats of one outline by one build under one perturbation; a second attempt finds the first one's row."""
    with transaction.atomic():
        names = feature_set(repeated["profile"], repeated["profile_digest"], repeated["names"])
        row, _ = RepeatedExtraction.objects.get_or_create(
            segmentation=segmentation,
            feature_set=names,
            build_digest=repeated["build_digest"],
            spec_digest=repeated["spec_digest"],
            defaults={
                "spec": repeated["spec"],
                "seed": repeated["seed"],
                "repeats": len(repeated["values"]),
                "values": [value for row in repeated["values"] for value in row],
                "sizes": repeated["sizes"],
                "facts": {"noise": repeated["noise"]},
            },
        )
    return row
