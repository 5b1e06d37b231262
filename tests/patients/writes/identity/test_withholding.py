"""What is hidden is in no number from that moment on, is kept, and comes back when somebody lifts it with a reason."""

import pytest

from patients.models import FeatureDelta, ResponseAssessment, Withholding
from patients.reads.readings.judgements import judgements_of
from patients.reads.tables.exports import tidy_rows
from patients.reads.timelines import patient_timeline
from patients.words.identity_words import WithheldWhy
from patients.words.reading_words import ReadingState
from patients.writes.identity.withholding import lift, withhold
from tests.factories import UserFactory, signed_reading
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
WHY = WithheldWhy.INVESTIGATION


def seen(patient) -> tuple[int, int, int]:
    """Scans and observations of the timeline, and rows of the export."""
    timeline = patient_timeline(patient.pk)
    scans = sum(len(visit.scans) for visit in timeline.timepoints)
    return scans, sum(len(track.observations) for track in timeline.tracks), len(list(tidy_rows([patient.pk])))


@pytest.fixture
def patient():
    return followed([50.0, 40.0, 60.0])


def test_a_scan_is_in_no_number_and_comes_back_whole(patient, owner):
    before, scan = seen(patient), patient.scans.order_by("acquired_on").last()
    row = withhold(WHY, scan, "Whose is it?", owner)
    assert withhold(WHY, scan, "Again.", owner) == row
    hidden = seen(patient)
    assert all(now < then for now, then in zip(hidden, before, strict=True))
    assert not FeatureDelta.objects.filter(patient=patient).exists()
    assert not ResponseAssessment.objects.filter(patient=patient).exists()
    assert patient.scans.filter(pk=scan.pk, is_withheld=True).exists(), "the data are kept"
    assert lift(row, UserFactory.create(), "It is this patient's.")
    assert seen(patient) == before
    assert not lift(row, owner, "Again.")
    assert Withholding.objects.get().lifted_reason == "It is this patient's."


def test_an_outline_and_a_patient_are_hidden_alike(patient, owner):
    before = seen(patient)
    outline = patient.scans.first().segmentations.first()
    row = withhold(WithheldWhy.WITHDRAWN, outline, "Drawn on another scan.", owner)
    assert seen(patient)[0] == before[0] and seen(patient)[1] == before[1] - 1
    whole = withhold(WHY, patient, "Two persons?", owner)
    assert seen(patient) == (0, 0, 0)
    lift(whole, owner, "One person.")
    assert seen(patient)[1] == before[1] - 1, "the outline's own reason still stands"
    lift(row, owner, "It is right.")
    assert seen(patient) == before


def test_what_was_signed_on_it_counts_no_more_and_is_reopened_not_lost(patient, owner):
    scan = patient.scans.order_by("acquired_on").last()
    reading = signed_reading(scan.timepoint, UserFactory.create())
    assert [one.reading_pk for one in judgements_of(patient.pk)] == [reading.pk]
    row = withhold(WHY, scan, "Whose is it?", owner)
    reading.refresh_from_db()
    assert (reading.state, judgements_of(patient.pk)) == (ReadingState.REOPENED, ())
    lift(row, owner, "It is right.")
    assert [one.reading_pk for one in judgements_of(patient.pk)] == [reading.pk]
