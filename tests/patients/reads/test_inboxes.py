"""What waits for a person: only one's own teams' uploads, series and outlines, in a fixed number of queries."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from patients.reads import inboxes
from tests.factories import (
    BASELINE_ON,
    CandidateFactory,
    LesionFactory,
    PatientFactory,
    SegmentationFactory,
    UploadedFileFactory,
    UploadFactory,
)
from tests.patients.rows import scan_on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("uploads, series", [(1, 1), (8, 5)])
def test_uploads_take_three_queries_however_many_there_are(team, django_assert_num_queries, uploads, series):
    for _ in range(uploads):
        upload = UploadFactory.create(team=team)
        UploadedFileFactory.create_batch(3, upload=upload)
        scan = scan_on(PatientFactory.create(team=team), BASELINE_ON)
        CandidateFactory.create_batch(series, upload=upload, patient=scan.patient, scan=scan)
    with django_assert_num_queries(3):
        found: list[Any] = list(inboxes.uploads_seen([team.pk]))
        shown = [(c.patient.pseudonym, c.scan.acquired_on) for u in found for c in u.candidates.all()]
    assert len(shown) == uploads * series
    assert [(upload.files_count, upload.files_bytes) for upload in found] == [(3, 3 * 526_336)] * uploads


def test_the_newest_uploads_come_first_and_an_empty_one_has_no_bytes(team):
    rows = [UploadFactory.create(team=team) for _ in range(4)]
    found: list[Any] = list(inboxes.uploads_seen([team.pk], limit=3))
    assert found == rows[:0:-1]
    assert (found[0].files_count, found[0].files_bytes) == (0, 0)


def test_another_teams_uploads_series_and_outlines_are_not_there(team):
    theirs = CandidateFactory.create()
    outline = SegmentationFactory.create(scan=scan_on(PatientFactory.create(), BASELINE_ON), lesion=None)
    assert inboxes.uploads_seen([team.pk]) == []
    assert inboxes.upload_seen([team.pk], theirs.upload.code) is None
    assert inboxes.candidate_seen([team.pk], theirs.code) is None
    assert inboxes.waiting_outlines([team.pk]) == []
    assert inboxes.outline_seen([team.pk], outline.code) is None
    assert inboxes.upload_seen([theirs.upload.team_id], theirs.upload.code) == theirs.upload
    assert inboxes.candidate_seen([theirs.upload.team_id], theirs.code) == theirs
    assert inboxes.outline_seen([outline.scan.patient.team_id], outline.code) == outline
    assert inboxes.outline_seen([team.pk], uuid.uuid4()) is None


def test_only_current_outlines_without_a_lesion_wait(team, django_assert_num_queries):
    scan = scan_on(PatientFactory.create(team=team), BASELINE_ON)
    SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=scan.patient))
    waiting = SegmentationFactory.create_batch(3, scan=scan, lesion=None)
    with django_assert_num_queries(1):
        found = inboxes.waiting_outlines([team.pk])
        assert {row.scan.patient.pseudonym for row in found} == {scan.patient.pseudonym}
    assert found == waiting


@pytest.mark.parametrize("lesions, dates", [(1, 2), (5, 8)])
def test_lesions_to_choose_bring_their_outlines_in_two_queries(django_assert_num_queries, lesions, dates):
    patient = PatientFactory.create()
    rows = [LesionFactory.create(patient=patient) for _ in range(lesions)]
    for _ in range(dates):
        scan = scan_on(patient, BASELINE_ON)
        for lesion in rows:
            SegmentationFactory.create(scan=scan, lesion=lesion)
    with django_assert_num_queries(2):
        found: list[Any] = list(inboxes.lesions_to_choose(patient.pk, 0))
        assert [len(lesion.current_outlines) for lesion in found] == [dates] * lesions
        assert {getattr(row, "measurement", None) for lesion in found for row in lesion.current_outlines} == {None}


def test_the_series_of_an_upload_stand_in_the_order_of_their_dates(team):
    upload, days = UploadFactory.create(team=team), (60, None, 0, 30)
    for ago in days:
        on = BASELINE_ON + timedelta(ago) if ago is not None else None
        CandidateFactory.create(upload=upload, acquired_on=on)
    found = inboxes.upload_seen([team.pk], upload.code)
    order = [BASELINE_ON + timedelta(ago) for ago in (0, 30, 60)]
    assert [row.acquired_on for row in found.candidates.all()] == [*order, None]
