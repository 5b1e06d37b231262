"""One feature's values over its changes."""

from dataclasses import dataclass, replace

import pytest

from monitoring.charts.deltas import REACH, Form, feature_figure
from patients.findings import PatientFindings
from patients.noise_beside import NoiseBeside
from patients.vocabulary import Reference
from patients.words.noise_words import NoiseVerdict
from tests.monitoring.charts.pictures import CONTRAST, DATES, MEAN, VOLUME, check_with_plotly, concluded, trace
from tests.timelines import NAMES


@dataclass(frozen=True)
class Changed:
    timepoint_pk: int
    reference: Reference
    absolute: Form
    relative_ratio: Form
    build_differs: bool = False


def changes(findings: PatientFindings, name: str) -> list[Changed]:
    place = NAMES.index(name)
    return [
        Changed(
            delta.timepoint_pk,
            delta.reference,
            (delta.absolute.values[place], delta.absolute.reasons[place]),
            (delta.relative_ratio.values[place], delta.relative_ratio.reasons[place]),
        )
        for delta in findings.deltas
        if delta.lesion_pk == 2
    ]


def drawn(name: str):
    known, findings = concluded()
    return feature_figure(known, known.tracks[1], name, changes(findings, name))


@pytest.mark.parametrize("name", NAMES)
def test_plotly_accepts_the_figure(name: str) -> None:
    check_with_plotly(drawn(name))


def test_another_build_of_the_engine_is_said_beside_the_change() -> None:
    known, findings = concluded()
    rebuilt = [replace(change, build_differs=True) for change in changes(findings, VOLUME)]
    cards = feature_figure(known, known.tracks[1], VOLUME, rebuilt).cards.values()
    assert any("another build of the engine" in card for card in cards)
    assert not any("another build of the engine" in card for card in drawn(VOLUME).cards.values())


def test_values_and_reference_visits() -> None:
    drawing = drawn(VOLUME)
    assert trace(drawing, "liver 2")["y"] == [100.0, 200.0, 300.0, 400.0]
    marks = {note["text"]: note["x"] for note in drawing.layout["annotations"] if note["xref"] == "x"}
    assert marks == {"baseline": DATES[0].isoformat(), "volume nadir": DATES[2].isoformat()}


def test_changes_in_per_cent_where_the_scale_allows_it() -> None:
    drawing = drawn(VOLUME)
    assert trace(drawing, "against baseline")["y"] == [100.0, 200.0, 300.0]
    assert trace(drawing, "against previous visit")["y"] == [100.0, 50.0, pytest.approx(100 / 3)]
    assert drawing.layout["yaxis2"]["title"]["text"] == "%"


def test_changes_in_the_features_unit_where_it_does_not() -> None:
    drawing = drawn(MEAN)
    assert trace(drawing, "against baseline")["y"] == [-1.0, -2.0, -3.0]
    assert drawing.layout["yaxis2"]["title"]["text"] == "HU"


def test_a_missing_value_breaks_the_line_and_its_changes_are_left_out() -> None:
    drawing = drawn(CONTRAST)
    assert trace(drawing, "liver 2")["y"] == [1.0, None, 3.0, 4.0]
    assert trace(drawing, "against baseline")["y"] == [pytest.approx(200.0), pytest.approx(300.0)]
    assert drawing.cards["2"] == "1 Mar 2024<br>too few voxels for texture"


def test_a_card_tells_value_and_changes() -> None:
    assert drawn(VOLUME).cards["2"].split("<br>") == [
        "1 Mar 2024",
        "200 mm³",
        "against baseline: +100 mm³ (+100.0 %)",
        "against previous visit: +100 mm³ (+100.0 %)",
        "against volume nadir: +100 mm³ (+100.0 %)",
    ]
    assert "against baseline: −1 HU" in drawn(MEAN).cards["2"]


def test_without_changes_there_is_one_lane() -> None:
    known, _ = concluded()
    drawing = feature_figure(known, known.tracks[0], MEAN)
    check_with_plotly(drawing)
    assert "yaxis2" not in drawing.layout
    assert drawing.label.startswith("First order Mean of liver 1, HU: 1 Jan 2024 39; ")


def test_a_feature_without_any_value_says_so() -> None:
    known, _ = concluded()
    drawing = feature_figure(known, known.tracks[0], "original_glcm_Idm")
    assert "no values" in drawing.label


def test_a_reference_without_any_change_has_no_line() -> None:
    known, findings = concluded()
    only = [change for change in changes(findings, MEAN) if change.reference is Reference.BASELINE]
    names = {one["name"] for one in feature_figure(known, known.tracks[1], MEAN, only).data}
    assert "against baseline" in names and "against previous visit" not in names


def test_the_volume_nadir_is_marked_also_where_the_last_visit_lacks_the_lesion() -> None:
    known, _ = concluded()
    track = replace(known.tracks[1], observations=known.tracks[1].observations[:-1])
    last = track.observations[-1]
    smallest = replace(last, sizes=replace(last.sizes, volume_ml=0.1))
    track = replace(track, observations=(*track.observations[:-1], smallest))
    drawing = feature_figure(replace(known, tracks=(known.tracks[0], track)), track, VOLUME)
    marks = {note["text"]: note["x"] for note in drawing.layout["annotations"] if note["xref"] == "x"}
    assert marks["volume nadir"] == last.observed_on.isoformat()


def test_a_band_far_wider_than_every_change_is_cut_off_and_does_not_press_the_changes_flat() -> None:
    known, findings = concluded()
    told = changes(findings, MEAN)
    largest = max(abs(change.absolute[0]) for change in told if change.absolute[0] is not None)
    wide = NoiseBeside(NoiseVerdict.INSIDE, change=1.0, mdc=2.0, limit=10_000.0)
    noises = {(change.timepoint_pk, change.reference): wide for change in told}
    drawing = feature_figure(known, known.tracks[1], MEAN, told, noises=noises)
    band = trace(drawing, "smaller than what can be measured here, against baseline")
    assert max(band["y"]) == pytest.approx(REACH * largest) == -min(band["y"])
    check_with_plotly(drawing)
