"""A store of filed and extracted scans, made by the writes themselves, and two hundred ways to damage it."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from patients.files import Storage
from patients.models import FeatureSet, FeatureSnapshot, HarmonisationModel, HostedModel, Patient, Scan, Segmentation
from patients.reads.integrity.files_held import owned_files
from patients.words.integrity_words import Damage
from patients.writes.features import store_measurement, store_snapshot
from patients.writes.filing import Decision, file_candidate
from patients.writes.trusting.harmonisation import store_model
from radiomics_tasks.hosting import ensure_default_model
from radiomics_tasks.verifying import UNKNOWN_AFTER_S
from tests.factories import BASELINE_ON, CandidateFactory, UploadFactory, digest_of, facts, outline
from tests.patients.writes.test_features import extracted, measured

OLD_S = 10 * UNKNOWN_AFTER_S


def fill(storage: Storage, team, scans: int) -> None:
    """So many scans, two to a patient, each with one outline, its pictures, its sizes and its features."""
    for number in range(scans):
        add_scan(storage, team, number)
    ensure_default_model()
    store_model(team.pk, "ct", "d" * 64, digest="e" * 64, parameters='{"a": 1}', user_pk=None)
    for digest in storage.digests():
        os.utime(storage.path(digest), (time.time() - OLD_S,) * 2)


def add_scan(storage: Storage, team, number: int) -> None:
    volume, mask, instance, png = (
        storage.keep_bytes(random.Random(f"{what}{number}").randbytes(4000))
        for what in ("volume", "mask", "instance", "png")
    )
    manifest = storage.keep_bytes(json.dumps({"slices": [{"png": png, "z_mm": number}]}).encode())
    found = outline(
        f"liver {number % 2 + 1}",
        mask_file=mask,
        mask_digest=digest_of("mask", number),
        slices={"manifest": manifest, "largest": 3},
    )
    made = {"volume_file": volume, "instances": [instance], "geometry": {"spacing_mm": [0.75, 0.75, 2.5e-7 * number]}}
    candidate = CandidateFactory.create(
        upload=UploadFactory.create(team=team),
        facts=facts(**made),
        outlines=[found],
        acquired_on=BASELINE_ON + timedelta(days=60 * (number % 2)),
    )
    scan = file_candidate(candidate, Decision(user=None, window_days=14, pseudonym=f"SYN-{number // 2}"))
    row = scan.segmentations.get()
    dice = random.Random(number)
    store_measurement(row, measured(volume_ml=dice.uniform(1, 90), longest_diameter_mm=dice.uniform(10, 60)))
    store_snapshot(row, extracted(values=[dice.gauss(0, 1e3), None], provenance={"bin_width": 25.0, "tiny": 1e-12}))


@contextmanager
def as_superuser() -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def put(path: Path, content: bytes) -> None:
    """The bytes in place of what is there, closed to writing as the store leaves them."""
    if path.exists():
        path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(0o440)


class Damager:
    """Does one seeded damage, says what must be found, and takes it back."""

    def __init__(self, storage: Storage, seed: int) -> None:
        self.storage, self.dice = storage, random.Random(seed)
        self.undo: list[Callable[[], object]] = []

    def some_file(self) -> Path:
        return self.storage.path(self.dice.choice(sorted(owned_files(self.storage))))

    def _replace(self, path: Path, content: bytes) -> None:
        whole = path.read_bytes()
        put(path, content)
        self.undo.append(lambda: put(path, whole))

    def flip(self) -> tuple[Damage, str]:
        path = self.some_file()
        content = bytearray(path.read_bytes())
        content[self.dice.randrange(len(content))] ^= 1 << self.dice.randrange(8)
        self._replace(path, bytes(content))
        return Damage.FILE_CHANGED, path.name

    def truncate(self) -> tuple[Damage, str]:
        path = self.some_file()
        content = path.read_bytes()
        self._replace(path, content[: self.dice.randrange(len(content))])
        return Damage.FILE_CHANGED, path.name

    def zero(self) -> tuple[Damage, str]:
        path = self.some_file()
        self._replace(path, bytes(len(path.read_bytes())))
        return Damage.FILE_CHANGED, path.name

    def swap(self) -> tuple[Damage, str]:
        first, second = (self.storage.path(one) for one in self.dice.sample(sorted(owned_files(self.storage)), 2))
        one, two = first.read_bytes(), second.read_bytes()
        self._replace(first, two)
        self._replace(second, one)
        return Damage.FILE_CHANGED, first.name

    def delete(self) -> tuple[Damage, str]:
        path = self.some_file()
        whole = path.read_bytes()
        path.unlink()
        self.undo.append(lambda: put(path, whole))
        return Damage.FILE_MISSING, path.name

    def extra(self) -> tuple[Damage, str]:
        digest = self.storage.keep_bytes(self.dice.randbytes(500))
        path = self.storage.path(digest)
        os.utime(path, (time.time() - OLD_S,) * 2)
        self.undo.append(path.unlink)
        return Damage.FILE_UNKNOWN, digest

    def lock_up(self) -> tuple[Damage, str]:
        path = self.some_file()
        mode = path.stat().st_mode
        path.chmod(0)
        self.undo.append(lambda: path.chmod(mode))
        return Damage.FILE_UNREADABLE, path.name

    def _row(self, model):
        return self.dice.choice(list(model.objects.order_by("pk")))

    def ulp(self, cursor) -> tuple[Damage, str]:
        row = self._row(FeatureSnapshot)
        near = "values[1] + (CASE WHEN abs(values[1]) > 1 THEN 1 ELSE 0.5 END) * 2.3e-16 * abs(values[1])"
        cursor.execute(f"UPDATE patients_featuresnapshot SET values[1] = {near} WHERE id = {row.pk}")
        assert cursor.rowcount == 1
        return Damage.ROW_CHANGED, f"snapshot {row.pk}"

    def size(self, cursor) -> tuple[Damage, str]:
        row = self._row(Segmentation)
        cursor.execute(
            f"UPDATE patients_measurement SET volume_ml = volume_ml * (1 + 2.3e-16) WHERE segmentation_id = {row.pk}"
        )
        return Damage.ROW_CHANGED, f"sizes of {row.code}"

    def row_gone(self, cursor) -> tuple[Damage, str]:
        row = self._row(FeatureSnapshot)
        cursor.execute(f"DELETE FROM patients_featuresnapshot WHERE id = {row.pk}")
        return Damage.ROW_GONE, f"snapshot {row.pk}"

    def repoint(self, cursor) -> tuple[Damage, str]:
        row = self._row(FeatureSnapshot)
        other = Segmentation.objects.exclude(pk=row.segmentation_id).order_by("pk")[0]
        cursor.execute("ALTER TABLE patients_featuresnapshot DROP CONSTRAINT one_snapshot_a_region_and_build")
        cursor.execute(f"UPDATE patients_featuresnapshot SET segmentation_id = {other.pk} WHERE id = {row.pk}")
        return Damage.REPOINTED, f"snapshot {row.pk}"

    def other_patient(self, cursor) -> tuple[Damage, str]:
        scan = self._row(Scan)
        other = Patient.objects.exclude(pk=scan.patient_id).order_by("pk")[0]
        cursor.execute(f"UPDATE patients_scan SET patient_id = {other.pk} WHERE id = {scan.pk}")
        return Damage.OTHER_PATIENT, f"scan {scan.code}"

    def settings(self, cursor) -> tuple[Damage, str]:
        row = self._row(FeatureSnapshot)
        words = "provenance = jsonb_set(provenance, '{bin_width}', '24')"
        cursor.execute(f"UPDATE patients_featuresnapshot SET {words} WHERE id = {row.pk}")
        return Damage.ROW_CHANGED, f"snapshot {row.pk}"

    def names(self, cursor) -> tuple[Damage, str]:
        row = self._row(FeatureSet)
        cursor.execute(f"UPDATE patients_featureset SET names = names[2:] || names[:1] WHERE id = {row.pk}")
        return Damage.SETTINGS_CHANGED, f"feature set {row.pk}"

    def model(self, cursor) -> tuple[Damage, str]:
        row = self._row(HostedModel)
        column = self.dice.choice(("text", "title", "card"))
        value = {"text": "replace(text, '0.', '0.0')", "title": "'Another'", "card": 'card || \'{"author": "x"}\''}
        cursor.execute(f"UPDATE patients_hostedmodel SET {column} = {value[column]} WHERE id = {row.pk}")
        return Damage.MODEL_CHANGED, f"model {row.pk}"

    def parameters(self, cursor) -> tuple[Damage, str]:
        row = self._row(HarmonisationModel)
        cursor.execute(f"UPDATE patients_harmonisationmodel SET parameters = '{{\"a\": 2}}' WHERE id = {row.pk}")
        return Damage.PARAMETERS_CHANGED, f"harmonisation {row.pk}"


OF_FILES = ("flip", "truncate", "zero", "swap", "delete", "extra", "lock_up")
OF_ROWS = ("ulp", "size", "row_gone", "repoint", "other_patient", "settings", "names", "model", "parameters")
