"""Drawn diameters: as long as their line, refused where page and server disagree, kept through versions."""

from typing import Any
from uuid import uuid4

import pytest

from patients.models import LesionReading, Scan, Segmentation
from patients.slice_lines import SliceLine
from patients.vocabulary import Role
from patients.words.reading_words import DiameterFrom, NewDisease, NonTarget
from patients.writes.readings.content import LesionContent, ReadingContent, ReadingRefused
from patients.writes.readings.drafts import save_reading, says_the_same, start_reading
from patients.writes.readings.signing import sign_reading
from tests.assessing import visits
from tests.factories import GEOMETRY, followed_patient, login

pytestmark = pytest.mark.django_db
# 24 columns and 32 rows of 0.75 mm: 18 mm across, 24 mm down, 30 mm in all.
LINE = SliceLine(1, ((110.0, 130.0), (134.0, 162.0)))
WHY = "the outline leaks into the vessel"


@pytest.fixture
def patient(team):
    patient = followed_patient(team, lesions=2, dates=2)
    Scan.objects.filter(patient=patient).update(geometry=GEOMETRY)
    return patient


@pytest.fixture
def visit(patient):
    return visits(patient)[1]


@pytest.fixture
def reader(team):
    return login(team, Role.READER)


@pytest.fixture
def outline(visit) -> Segmentation:
    return Segmentation.objects.filter(scan__timepoint=visit).first()


def content(outline, **changed) -> ReadingContent:
    said: dict[str, Any] = {"diameter_mm": 30.0, "diameter_from": DiameterFrom.DRAWN, "diameter_why": WHY}
    said |= {"line": LINE, "line_on": outline.code, **changed}
    one = LesionContent(outline.lesion_id, **said)
    return ReadingContent((one,), non_target=NonTarget.NCNP, new_disease=NewDisease.NO)


def refusal(visit, reader, wrong) -> ReadingRefused:
    with pytest.raises(ReadingRefused) as raised:
        save_reading(start_reading(visit, reader), wrong, reader)
    return raised.value


def test_slice_and_ends_are_kept_as_a_measurement_keeps_them(visit, reader, outline):
    draft = save_reading(start_reading(visit, reader), content(outline, diameter_mm=30.04), reader)
    (said,) = draft.lesions.all()
    assert (said.diameter_mm, said.drawn_on) == (30.0, outline)  # as long as the line, not as the field was rounded
    assert said.drawn_at == {"slice": 1, "points_mm": [[-13.5, 1.5, -37.5], [4.5, 25.5, -37.5]]}
    assert says_the_same(draft, content(outline, diameter_mm=30.04))
    moved = SliceLine(1, ((110.0, 130.0), (134.0, 162.01)))
    assert not says_the_same(draft, content(outline, line=moved))


@pytest.mark.parametrize("diameter_mm, is_refused", [(30.04, False), (30.06, True), (29.94, True), (29.96, False)])
def test_another_number_than_the_line_is_refused(visit, reader, outline, diameter_mm, is_refused):
    if not is_refused:
        save_reading(start_reading(visit, reader), content(outline, diameter_mm=diameter_mm), reader)
        return
    found = refusal(visit, reader, content(outline, diameter_mm=diameter_mm))
    assert (found.code, found.field, found.lesion_pk) == ("E_LINE", "diameter_mm", outline.lesion_id)
    assert f"is 30.00 mm long, not {diameter_mm:.2f} mm" in found.sentence
    assert not LesionReading.objects.exists()


def test_rows_that_are_further_apart_make_it_longer(visit, reader, outline):
    Scan.objects.update(geometry={**GEOMETRY, "spacing_mm": [0.75, 1.5, 2.5]})
    assert "51.26 mm long" in refusal(visit, reader, content(outline)).sentence


def test_a_line_lies_on_this_lesion_at_this_visit_inside_a_known_scan(visit, reader, patient, outline):
    before = Segmentation.objects.get(lesion=outline.lesion, scan__timepoint=visits(patient)[0])
    other = Segmentation.objects.filter(scan=outline.scan).last()
    for code in (before.code, other.code, uuid4(), None):
        assert "no longer of this lesion" in refusal(visit, reader, content(outline, line_on=code)).sentence
    outside = SliceLine(9, LINE.ends_px)
    assert "outside the scan" in refusal(visit, reader, content(outline, line=outside)).sentence
    Scan.objects.update(geometry={})
    assert "spacing of this scan is not known" in refusal(visit, reader, content(outline)).sentence


def test_a_typed_diameter_has_no_line_and_a_drawn_one_may_have_none(visit, reader, outline):
    found = refusal(visit, reader, content(outline, diameter_from=DiameterFrom.TYPED))
    assert (found.code, found.field) == ("E_LINE", "diameter_from")
    draft = save_reading(start_reading(visit, reader), content(outline, line=None, line_on=None), reader)
    (said,) = draft.lesions.all()
    assert (said.diameter_from, said.drawn_on, said.drawn_at) == ("DRAWN", None, {})


def test_the_next_version_begins_with_the_line_and_the_reason_stays_required(visit, reader, outline):
    assert refusal(visit, reader, content(outline, diameter_why=" ")).code == "E_WHY"
    draft = save_reading(start_reading(visit, reader), content(outline), reader)
    sign_reading(draft, reader)
    (said,) = start_reading(visit, reader).lesions.filter(drawn_on__isnull=False)
    assert (said.drawn_on, said.diameter_mm, said.drawn_at["slice"]) == (outline, 30.0, 1)
