"""Whatever is damaged is found and named, nothing else is, and no change is computed from it.

.venv/bin/python -m pytest -m tamper tests/radiomics_tasks/test_verifying.py -s
"""

import sys
import time

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from monitoring.slice_pictures import pictures_of
from patients.files import Storage
from patients.models import FileCheck, HarmonisationModel, IntegrityFault, Patient, Scan, Segmentation
from patients.outlined import outlined_visits
from patients.reads.scans.outlines import outlines_of_lesion
from patients.reads.tables.columns import COLUMNS as ONE
from patients.reads.tables.columns import one_feature_rows
from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Absence, Role, RunState, Step
from patients.words.integrity_words import Damage
from radiomics_tasks import verifying
from radiomics_tasks.harmonising import is_whole
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.verifying import verify, verify_some
from tests.factories import group_of
from tests.radiomics_tasks.stored import OF_FILES, OF_ROWS, Damager, as_superuser, fill

pytestmark = pytest.mark.django_db(transaction=True)


class Undone(Exception):
    pass


@pytest.fixture
def store(storage, team, monkeypatch) -> Storage:
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    fill(storage, team, 8)
    return storage


def damaged(storage: Storage, seed: int) -> tuple[str, bool, list]:
    """What one seed damages, whether it was found and named, and what else was found; undone afterwards."""
    every = (*OF_FILES, *OF_ROWS)
    kind = every[seed % len(every)]
    damager = Damager(storage, seed)
    try:
        with as_superuser() as cursor:
            kind_of, subject = getattr(damager, kind)(*([cursor] if kind in OF_ROWS else []))
            cursor.execute("SET LOCAL session_replication_role = origin")
            found = verify(storage, is_full=True).found
            raise Undone
    except Undone:
        for undo in reversed(damager.undo):
            undo()
    return kind, any(one.kind == kind_of and subject in one.subject for one in found), list(found)


def all_found(storage: Storage, faults: int) -> None:
    missed = [(seed, kind) for seed in range(faults) for kind, is_found, _ in [damaged(storage, seed)] if not is_found]
    assert missed == []
    assert verify(storage, is_full=True).found == ()


def test_a_whole_store_has_no_faults_and_every_row_is_held(store, capsys):
    told = verify(store, is_full=True)
    assert (told.found, told.unsealed) == ((), 0)
    assert told.files == 8 * 5
    call_command("verify", "--full")
    assert "Nothing is damaged: 40 files read" in capsys.readouterr().out


def test_each_kind_of_damage_is_found_and_named(store):
    all_found(store, len(OF_FILES) + len(OF_ROWS))


@pytest.mark.tamper
def test_two_hundred_damages_are_found_and_named(storage, team, monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    fill(storage, team, 40)
    began = time.monotonic()
    all_found(storage, 200)
    sys.stdout.write(f"\n200 of 200 damages found and named; {time.monotonic() - began:.0f} s\n")


@pytest.mark.tamper
def test_a_clean_store_of_a_thousand_files_raises_no_alarm(storage, team, monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    fill(storage, team, 200)
    began = time.monotonic()
    told = verify(storage, is_full=True)
    sys.stdout.write(f"\n{told.files:,} clean files and their rows in {time.monotonic() - began:.1f} s, no alarm\n")
    assert (told.found, told.unsealed, told.files) == ((), 0, 1000)


def test_what_is_damaged_is_told_kept_and_mended_again(store, owner, as_user):
    scan = Scan.objects.order_by("pk")[0]
    path = store.path(scan.volume_file)
    whole = path.read_bytes()
    path.chmod(0o640)
    path.write_bytes(b"x" + whole[1:])
    with pytest.raises(CommandError, match="1 damaged"):
        call_command("verify", "--full")
    fault = IntegrityFault.objects.get()
    assert (fault.kind, fault.patient_id, fault.cleared_at) == (Damage.FILE_CHANGED, scan.patient_id, None)
    assert ProcessingRun.objects.get(step=Step.REASSESS, subject_pk=scan.patient_id).state == RunState.QUEUED
    track = patient_timeline(scan.patient_id).tracks[0]
    told = [(one.features, one.sizes, one.absence) for one in track.observations if one.scan_pk == scan.pk]
    assert told == [(None, None, Absence.DAMAGED)]
    page = as_user(owner).get(reverse("patient", args=[scan.patient.code])).content.decode()
    assert "Stored data of this patient are damaged" in page
    path.write_bytes(whole)
    call_command("verify", "--full")
    assert IntegrityFault.objects.get().cleared_at is not None
    track = patient_timeline(scan.patient_id).tracks[0]
    assert all(one.features and one.sizes for one in track.observations)


def test_workers_check_a_few_files_in_their_turn(store, monkeypatch, settings):
    monkeypatch.setattr(verifying, "_looked", {})
    settings.VERIFY_HOURS, settings.RECONCILE_SECONDS = 1, 360
    assert verify_some(store) == 4
    assert FileCheck.objects.exclude(checked_at=None).count() == 4
    path = store.path(FileCheck.objects.filter(checked_at=None).order_by("pk").first().digest)
    path.chmod(0o640)
    path.write_bytes(b"")
    for _ in range(9):
        verify_some(store)
    assert [fault.kind for fault in IntegrityFault.objects.all()] == [Damage.FILE_CHANGED]
    assert verifying.oldest_check() is not None
    # Everything was read in this turn: nothing is due.
    assert verify_some(store) == 0


def test_a_patients_own_faults_alone_are_on_its_page(store, owner, as_user):
    first, second = Patient.objects.order_by("pk")[:2]
    IntegrityFault.objects.create(kind=Damage.ROW_GONE, subject="x", patient=first, sentence="Gone.")
    pages = [as_user(owner).get(reverse("patient", args=[one.code])).content for one in (first, second)]
    assert [b"Stored data of this patient are damaged" in page for page in pages] == [True, False]


def stands_on(outline, **more) -> IntegrityFault:
    """Damage of one outline, as a check keeps it."""
    said = {"kind": Damage.ROW_CHANGED, "subject": f"x {outline.pk}", "sentence": "Changed.", **more}
    return IntegrityFault.objects.create(segmentation_pks=[outline.pk], **said)


@pytest.fixture
def followed(store, team):
    """An outline that is linked, with sizes and features; nothing is damaged yet."""
    return Segmentation.objects.filter(lesion__isnull=False).order_by("pk")[0]


def told_of(outline) -> dict[str, tuple]:
    """What an export says of an outline: value and reason by feature or size."""
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in tidy_rows([outline.scan.patient_id]))
    return {
        str(row["feature"]): (row["value"], row["reason"]) for row in rows if row["segmentation"] == str(outline.code)
    }


def test_no_size_is_told_that_stands_on_damaged_data(followed, owner, as_user):
    digest = outlined_visits(followed.scan.patient_id)[followed.scan.timepoint_id].digest
    before = told_of(followed)
    feature = next(name for name, (value, _) in before.items() if name.startswith("original_") and value)
    assert before["volume_ml"][0]
    fault = stands_on(followed)
    assert set(told_of(followed).values()) == {(None, "DAMAGED")}
    by_column = [dict(zip(ONE, row, strict=True)) for row in one_feature_rows(feature, [followed.scan.patient_id])]
    told = [(row["value"], row["reason"]) for row in by_column if row["segmentation"] == str(followed.code)]
    assert told == [(None, "DAMAGED")]
    visit = outlined_visits(followed.scan.patient_id)[followed.scan.timepoint_id]
    size = visit.by_lesion[followed.lesion_id]
    assert (size.size_mm, size.absence) == (None, Absence.DAMAGED)
    pictures = {one["code"]: one for one in pictures_of(outlines_of_lesion(followed.lesion_id))}
    assert pictures[str(followed.code)]["sizes"] is None
    # What readers signed is not re-opened: their outlines have not changed.
    assert visit.digest == digest
    client = as_user(owner)
    for query in ("size=volume_ml", f"feature={feature}"):
        card = client.get(f"{reverse('number', args=[followed.code])}?{query}").content.decode()
        assert Absence.DAMAGED.label in card and repr(before["volume_ml"][0]) not in card, query
    fault.cleared_at = timezone.now()
    fault.save()
    assert told_of(followed) == before


def test_changed_features_take_no_size_with_them(followed):
    stands_on(followed, reaches_sizes=False)
    told = told_of(followed)
    assert told["volume_ml"][0]
    assert {said for name, said in told.items() if name.startswith("original_")} == {(None, "DAMAGED")}
    track = next(t for t in patient_timeline(followed.scan.patient_id).tracks if t.lesion_pk == followed.lesion_id)
    seen = next(one for one in track.observations if one.segmentation_pk == followed.pk)
    assert (seen.features, seen.sizes is None) == (None, False)


@pytest.mark.parametrize("kind", ["model", "parameters"])
def test_a_damaged_model_is_told_on_its_page_and_every_patient_is_concluded_again(store, owner, as_user, kind, team):
    owner.groups.add(group_of(Role.STEWARD))
    with as_superuser() as cursor:
        getattr(Damager(store, 3), kind)(cursor)
    with pytest.raises(CommandError, match="1 damaged"):
        call_command("verify")
    assert ProcessingRun.objects.get(step=Step.APPLY).state == RunState.QUEUED
    page = as_user(owner).get(reverse("models" if kind == "model" else "harmonisation")).content.decode()
    assert "They compute nothing until they are put back" in page


def test_nothing_is_derived_under_parameters_that_are_not_those_of_their_digest(store):
    assert not is_whole(HarmonisationModel.objects.get())
