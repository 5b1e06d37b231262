"""A lane of the course: lines of the targets, and around each baseline value what is too small to be measured."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from monitoring.charts.feature_lane import LaneNoise, card_lines, feature_lane, value_limits
from monitoring.charts.features import SIZE, Quantity, Readings
from monitoring.charts.table import feature_table
from monitoring.charts.theme import SOFT
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.noise_beside import NoiseBeside
from patients.timeline import PatientTimeline
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict
from tests.monitoring.charts.pictures import CONTRAST, DATES, MEAN, patient
from tests.timelines import FIRST_ON, features, observation, timeline, track, visit


def test_one_line_a_lesion_and_a_cross_where_a_value_is_missing() -> None:
    known = patient()
    lane = feature_lane(known, Quantity(CONTRAST), TimeAxis.of(known, AxisKind.CALENDAR))
    first, second, missing = lane.traces
    assert first["y"] == [1.0, None, None, 4.0]
    assert second["y"] == [1.0, None, 3.0, 4.0]
    assert first["marker"]["symbol"] != second["marker"]["symbol"]
    assert first["line"]["dash"] != second["line"]["dash"]
    assert missing["x"] == [DATES[1].isoformat(), DATES[2].isoformat()]
    assert [label.text for label in lane.labels] == ["liver 1", "liver 2"]
    assert first["customdata"][0] == {"timepoint": 1, "lesion": "lesion-1", "segmentation": "seg-10"}


def test_a_lesion_never_seen_has_a_line_without_points() -> None:
    known = timeline([visit(1, FIRST_ON)], [track(1, [])])
    lane = feature_lane(known, Quantity(SIZE), TimeAxis.of(known, AxisKind.CALENDAR))
    assert lane.traces[0]["y"] == [None]
    assert lane.traces[0]["customdata"] == [{"timepoint": 1}]
    assert lane.labels == []


def test_a_line_of_texture_breaks_where_scans_may_not_be_compared_and_a_line_of_sizes_does_not() -> None:
    seen = [observation(pk, FIRST_ON + timedelta(60 * pk), 10.0, features(pk, (1.0, 2.0, 3.0))) for pk in (1, 2, 3)]
    known = timeline([visit(one.timepoint_pk, one.observed_on) for one in seen], [track(1, seen)])
    axis = TimeAxis.of(known, AxisKind.CALENDAR)
    lanes = [feature_lane(known, Quantity(name), axis, apart={(1, 3)}) for name in (MEAN, SIZE)]
    assert [lane.traces[0]["y"] for lane in lanes] == [[2.0, 2.0, None, 2.0], [10.0, 10.0, 10.0]]


def grown() -> PatientTimeline:
    """One lesion whose contrast goes from 2 to 3 and to 8."""
    values = {1: 2.0, 2: 3.0, 3: 8.0}
    seen = [
        observation(pk, FIRST_ON + timedelta(60 * pk), 10.0, features(pk, (1.0, 40.0 + value, value)))
        for pk, value in values.items()
    ]
    return timeline([visit(one.timepoint_pk, one.observed_on) for one in seen], [track(1, seen)])


def known_noise(known: PatientTimeline) -> LaneNoise:
    """Contrast is compared by its logarithm: a factor of two is within noise."""
    kept = {}
    for pk, value in ((2, 3.0), (3, 8.0)):
        change = math.log(value / 2.0)
        verdict = NoiseVerdict.INSIDE if change < math.log(2) else NoiseVerdict.OVER_LOWER_BOUND
        beside = NoiseBeside(
            verdict, NoiseSource.PERTURBATION, None, is_log=True, change=change, mdc=math.log(2), limit=math.log(2)
        )
        seen = next(one for one in known.tracks[0].observations if one.timepoint_pk == pk)
        kept[CONTRAST, 1, pk, seen.features.feature_set_pk] = beside
    return LaneNoise(kept)


def test_the_band_lies_around_the_value_at_baseline_and_what_is_in_it_is_grey():
    known = grown()
    lane = feature_lane(known, Quantity(CONTRAST), TimeAxis.of(known, AxisKind.CALENDAR), noise=known_noise(known))
    band, line = lane.traces
    assert band["fill"] == "toself"
    assert band["y"] == pytest.approx([4.0, 4.0, 4.0, 1.0, 1.0, 1.0])
    assert len(set(band["x"])) == 3
    assert line["y"] == [2.0, 3.0, 8.0]
    assert line["marker"]["color"] == ["@series0", SOFT, "@series0"]
    assert line["marker"]["symbol"] == ["circle", "circle-open", "circle"]
    assert lane.low < 1.0
    assert lane.legend == "shaded: within the MDC of baseline (perturbation, a lower bound)"


def test_what_is_not_known_is_not_drawn():
    known = grown()
    axis = TimeAxis.of(known, AxisKind.CALENDAR)
    lane = feature_lane(known, Quantity(MEAN), axis, noise=known_noise(known))
    assert [trace["name"] for trace in lane.traces] == ["liver 1"]
    assert lane.legend == ""
    unknown = LaneNoise(
        {key: NoiseBeside(NoiseVerdict.UNKNOWN, missing=NoBand.NO_SPREAD) for key in known_noise(known).known}
    )
    lane = feature_lane(known, Quantity(CONTRAST), axis, noise=unknown)
    assert [trace["name"] for trace in lane.traces] == ["liver 1"]
    said = feature_table(known, CONTRAST, unknown).rows[0][1][2].noise
    assert said is not None
    assert said.words == NoBand.NO_SPREAD.label


def test_a_change_without_its_volume_lies_in_the_band_exactly_where_it_is_within_noise():
    left = NoiseBeside(NoiseVerdict.INSIDE, is_log=True, change=0.1, limit=0.2, is_without_volume=True)
    for change, is_in in ((0.1, True), (-0.19, True), (0.21, False), (-0.3, False)):
        low, high = value_limits(replace(left, change=change), 50.0) or (0.0, 0.0)
        assert (low < 50.0 < high) is is_in


def test_hover_and_table_say_the_same_with_the_source():
    known = grown()
    noise = known_noise(known)
    readings = Readings.of(known, Quantity(CONTRAST), known.targets)
    (line,) = card_lines(readings, 2, noise)
    assert line == "liver 1, against baseline: smaller than what can be measured here (MDC 100 %); perturbation"
    assert list(card_lines(readings, 1, noise)) == []
    table = feature_table(known, CONTRAST, noise)
    first, inside, over = table.rows[0][1]
    assert table.has_noise
    assert first.noise is None
    assert inside.noise is not None and over.noise is not None
    assert (inside.noise.is_greyed, over.noise.is_greyed) == (True, False)
    assert inside.noise.words in line
    assert inside.noise.source == NoiseSource.PERTURBATION.label
