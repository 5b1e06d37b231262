"""A number that is asked for again: the same digits, or an alarm that names what is not what it was."""

import json
import math

import pytest
from django.db import connection

from patients.models import FeatureSet, FeatureSnapshot, Recomputation, Segmentation
from patients.reads.trusting.recomputations import alarms_of_lesion
from patients.vocabulary import RunState, Step
from patients.words.recompute_words import Recomputed
from patients.writes.trusting.recomputations import ask_again
from radiomics_tasks import runs
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction import build
from radiomics_tasks.recomputing import snapshots
from radiomics_tasks.steps import recompute
from tests.extracted import extracted_patient
from tests.factories import everywhere

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "original_glcm_Contrast"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def snapshot(team, storage) -> FeatureSnapshot:
    extracted_patient(team, storage, ((8.0,),))
    return FeatureSnapshot.objects.get()


def asked(snapshot: FeatureSnapshot) -> Recomputation:
    request = ask_again(snapshot, everywhere())
    recompute.recompute_number(runs.arm(Step.RECOMPUTE, request.pk).pk)
    request.refresh_from_db()
    return request


def changed(table: str, words: str, pk: int, *values: str | float) -> None:
    """An edit that the database's own guards would refuse, made by whoever owns it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"UPDATE {table} SET {words} WHERE id = %s", [*values, pk])
        cursor.execute("SET session_replication_role = origin")


def one_byte(storage, digest: str) -> None:
    path = storage.path(digest)
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))


def test_the_same_digits_and_nothing_is_left_in_staging(snapshot, storage):
    found = asked(snapshot)
    assert (found.outcome, found.differing) == (Recomputed.SAME, []), found.sentence
    assert found.sentence.startswith("The same digits in all 107 values and the sizes.")
    assert alarms_of_lesion(snapshot.segmentation.lesion_id) == []
    assert list((storage.root / "staging").iterdir()) == []


def test_a_value_changed_by_one_unit_in_the_last_place_is_named_with_its_digits(snapshot):
    place = snapshot.feature_set.names.index(NAME)
    stored = math.nextafter(snapshot.values[place], math.inf)
    changed("patients_featuresnapshot", f"values[{place + 1}] = %s", snapshot.pk, stored)
    found = asked(snapshot)
    assert found.outcome == Recomputed.DIGITS_DIFFER
    assert found.sentence == (
        f"feature {NAME}: stored {stored!r}, now {snapshot.values[place]!r} (1 unit in the last place)."
    )
    assert [(one["name"], one["units"]) for one in found.differing] == [(NAME, 1)]
    assert alarms_of_lesion(snapshot.segmentation.lesion_id) == [found]


def test_a_size_changed_by_one_unit_is_named(snapshot):
    measured = snapshot.segmentation.measurement
    stored = math.nextafter(measured.volume_ml, 0)
    changed("patients_measurement", "volume_ml = %s", measured.pk, stored)
    found = asked(snapshot)
    assert (found.outcome, found.differing[0]["name"]) == (Recomputed.DIGITS_DIFFER, "volume_ml")


def test_a_change_that_was_edited_is_named_though_its_values_are_whole(team, storage):
    extracted_patient(team, storage, ((8.0,), (7.0,)))
    snapshot = FeatureSnapshot.objects.last()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_featuredelta SET log_ratio[2] = 0.25 WHERE reference = 'BASELINE'")
    found = asked(snapshot)
    assert found.outcome == Recomputed.DIGITS_DIFFER
    assert f"log_ratio, {snapshot.feature_set.names[1]}: stored 0.25, now " in found.sentence
    assert "against BASELINE" in found.sentence


@pytest.mark.parametrize(("kind", "outcome"), [("mask", Recomputed.MASK_CHANGED), ("scan", Recomputed.VOLUME_CHANGED)])
def test_a_file_changed_by_one_byte_is_named(snapshot, storage, kind, outcome):
    outline = snapshot.segmentation
    digest = outline.mask_file if kind == "mask" else outline.scan.volume_file
    one_byte(storage, digest)
    found = asked(snapshot)
    assert (found.outcome, digest in found.sentence) == (outcome, True)
    assert found.differing[0]["what"] == ("outline file" if kind == "mask" else "scan file")


def test_a_missing_file_is_named(snapshot, storage):
    storage.path(snapshot.segmentation.mask_file).unlink()
    found = asked(snapshot)
    assert found.outcome == Recomputed.FILE_MISSING
    assert found.sentence == f"The outline file {snapshot.segmentation.mask_file} is not in the store."


def test_a_changed_profile_is_named_with_both_digests(snapshot):
    used, other = snapshot.feature_set, "0" * 64
    changed("patients_featureset", "profile_digest = %s", used.pk, other)
    found = asked(snapshot)
    assert found.outcome == Recomputed.PROFILE_CHANGED
    assert other in found.sentence
    assert used.profile_digest in found.sentence
    changed("patients_featureset", "profile = %s", FeatureSet.objects.get().pk, "gone")
    assert asked(snapshot).sentence == "There is no profile gone any more."


def test_an_identity_that_is_not_that_of_the_file_is_named(snapshot):
    Segmentation.objects.filter(pk=snapshot.segmentation_id).update(mask_digest="1" * 64)
    assert asked(snapshot).outcome == Recomputed.MASK_CHANGED
    Segmentation.objects.filter(pk=snapshot.segmentation_id).update(mask_digest=snapshot.segmentation.mask_digest)
    scan = snapshot.segmentation.scan
    type(scan).objects.filter(pk=scan.pk).update(volume_digest="2" * 64)
    assert asked(snapshot).outcome == Recomputed.VOLUME_CHANGED


def test_another_build_is_a_note_where_the_digits_agree_and_an_alarm_where_they_do_not(snapshot):
    versions = json.dumps({**build.build_of(build.OWN).versions, "numpy": "1.0"})
    changed("patients_featuresnapshot", "build_digest = %s, versions = %s", snapshot.pk, "3" * 64, versions)
    found = asked(snapshot)
    assert (found.outcome, "numpy 1.0 then" in found.sentence) == (Recomputed.SAME, True), found.sentence
    changed("patients_featuresnapshot", "values[1] = values[1] + 0.5", snapshot.pk)
    assert asked(snapshot).outcome == Recomputed.BUILD_DIFFERS


def test_an_engine_that_breaks_down_is_tried_again_and_then_told(snapshot, monkeypatch, settings):
    def broken(*_):
        raise ChildFailure("E_EXTRACT_CRASH", "Measurement broke down.")

    monkeypatch.setattr(snapshots, "run_child", broken)
    request = ask_again(snapshot, everywhere())
    run = runs.arm(Step.RECOMPUTE, request.pk)
    recompute.recompute_number(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.RETRY_WAIT
    settings.MAX_ATTEMPTS = 2
    recompute.recompute_number(run.pk)
    request.refresh_from_db()
    assert (request.outcome, request.sentence) == (Recomputed.FAILED, "Measurement broke down.")


def test_what_is_asked_twice_is_computed_once(snapshot):
    first = ask_again(snapshot, everywhere())
    assert ask_again(snapshot, everywhere()) == first
    assert asked(snapshot) == first
    assert ask_again(snapshot, everywhere()) != first
