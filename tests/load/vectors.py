"""Made-up feature vectors, as many as a site has, brought to their table in one COPY."""

import json
import random
from collections.abc import Sequence
from io import StringIO

import numpy as np
from django.conf import settings
from django.db import connection

from patients.models import FeatureSet, Segmentation
from patients.models.doubles import as_literal
from patients.words.regions import Region
from radiomics_tasks.extraction.build import build_of

COLUMNS = "segmentation_id, feature_set_id, region, engine, build_digest, versions, values, reasons, provenance"
PROVENANCE = {"roi_voxels_after": 1840, "spacing_before_mm": [0.75, 0.75, 2.5]}


def copy_snapshots(features: FeatureSet, outlines: Sequence[tuple[Segmentation, float]], dice: random.Random) -> None:
    """A snapshot for each outline, given with its size (mm): each feature follows volume in its own way, with noise."""
    count = len(features.names)
    numbers = np.random.default_rng(dice.getrandbits(64))
    own = np.random.default_rng(7)
    level, slope = own.lognormal(2, 2, count), own.normal(0, 0.5, count)
    build = build_of(settings.ENGINE)
    reasons = "{" + ",".join(["NULL"] * count) + "}"
    same = (Region.LESION.value, build.engine, build.digest, json.dumps(build.versions))
    stream = StringIO()
    for outline, mm in outlines:
        values = level * mm**slope * numbers.lognormal(0, 0.08, count)
        row = (outline.pk, features.pk, *same, as_literal(values.tolist()), reasons, json.dumps(PROVENANCE), "now")
        stream.write("\t".join(map(str, row)) + "\n")
    stream.seek(0)
    with connection.cursor() as cursor:
        names = ", ".join(f'"{name}"' for name in (*COLUMNS.split(", "), "created_at"))
        cursor.copy_expert(f"COPY patients_featuresnapshot ({names}) FROM STDIN", stream)
