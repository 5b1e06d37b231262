"""Sizes and features of the targets: values, reasons, units, and never two kinds of scan in one line."""

from datetime import timedelta

import pytest

from monitoring.charts.features import NO_UNIT, SIZE, VOLUME, Quantity, Readings
from patients.timeline import Observation, Sizes
from patients.vocabulary import Absence, Modality
from tests.monitoring.charts.pictures import CONTRAST, MEAN
from tests.timelines import FIRST_ON, features, observation, timeline, track, visit

LATER = FIRST_ON + timedelta(60)


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        (SIZE, "Size", "mm"),
        (VOLUME, "Volume", "mL"),
        (MEAN, "First order Mean", "HU"),
        (CONTRAST, "GLCM Contrast", NO_UNIT),
        ("nonsense", "nonsense", NO_UNIT),
    ],
)
def test_a_quantity_has_a_name_and_a_unit(name: str, label: str, unit: str) -> None:
    assert (Quantity(name).label, Quantity(name).unit("HU")) == (label, unit)


def read(name: str, seen: Observation, *, is_node: bool = False) -> tuple[float | None, str]:
    return Quantity(name).of(seen, track(1, [seen], is_node=is_node))


def test_a_value_or_the_reason_in_words() -> None:
    full = observation(1, FIRST_ON, 10.0, features(1, (1.0, 2.0, None)))
    assert read(MEAN, full) == (2.0, "")
    assert read(CONTRAST, full) == (None, Absence.SMALL_ROI.label)
    assert read("original_glcm_Idm", full) == (None, Absence.NOT_COMPUTED.label)
    assert read(MEAN, observation(1, FIRST_ON, 10.0)) == (None, Absence.WAITING.label)
    assert read(MEAN, observation(1, FIRST_ON, None)) == (None, Absence.NOT_OUTLINED.label)


def test_sizes_follow_the_rules_of_the_sum() -> None:
    seen = Observation(1, 1, FIRST_ON, Modality.CT, sizes=Sizes(20.0, 12.0, 3.0))
    parts = Observation(1, 1, FIRST_ON, Modality.CT, sizes=Sizes(20.0, 12.0, 3.0, Absence.SEVERAL_PARTS))
    assert read(SIZE, seen) == (20.0, "")
    assert read(SIZE, seen, is_node=True) == (12.0, "")
    assert read(SIZE, parts) == (None, Absence.SEVERAL_PARTS.label)
    assert read(VOLUME, parts) == (3.0, "")
    assert read(VOLUME, observation(1, FIRST_ON, None)) == (None, Absence.NOT_OUTLINED.label)


def of_two_kinds() -> Readings:
    on_mr = features(1, (1.0, 300.0, 3.0), profile="mr")
    seen = [
        observation(1, FIRST_ON, 10.0, on_mr, modality=Modality.MR, scan_pk=11),
        observation(2, LATER, 10.0, features(2, (1.0, 40.0, 3.0)), scan_pk=20),
        observation(3, LATER + timedelta(60), 10.0, features(3, (1.0, 42.0, 3.0)), scan_pk=30),
    ]
    visits = [visit(1, FIRST_ON), visit(2, LATER), visit(3, LATER + timedelta(60))]
    lesion = track(1, seen)
    return Readings.of(timeline(visits, [lesion]), Quantity(MEAN), [lesion])


def test_values_of_another_kind_of_scan_are_left_out_and_said() -> None:
    readings = of_two_kinds()
    assert [row.value for row in readings.rows] == [None, 40.0, 42.0]
    assert readings.rows[0].absence == Absence.PROFILE_DIFFERS.label
    assert readings.heading == "First order Mean, CT only"
    assert readings.unit == "HU"


def test_visits_before_the_baseline_count_only_where_they_have_a_value() -> None:
    from tests.timelines import course

    lesion = track(1, [observation(2, LATER, 10.0)])
    known = timeline([visit(1, FIRST_ON), visit(2, LATER)], [lesion], [course(LATER)])
    assert [row.timepoint.pk for row in Readings.of(known, Quantity(SIZE), [lesion]).rows] == [2]
