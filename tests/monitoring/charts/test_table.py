"""One visit a row, and the same visit as a card."""

from dataclasses import replace
from decimal import Decimal

from monitoring.charts.features import SIZE, Quantity, Readings
from monitoring.charts.table import cards, course_table, feature_table, latest_concluded
from patients.findings import PatientFindings
from patients.timeline import PatientTimeline, ScanSeen
from patients.vocabulary import Absence, Modality
from radiomics_tasks.analysis.conclude import conclude
from tests.monitoring.charts.pictures import CONTRAST, MEAN, concluded
from tests.timelines import FIRST_ON, course, features, followed, observation, timeline

MR_SCAN = ScanSeen(99, "scan-mr", Modality.MR, FIRST_ON, "")


def test_a_row_holds_what_the_chart_draws() -> None:
    first, second, third, fourth = course_table(*concluded())
    assert (first.day, second.day) == (-7, 53)
    assert [cell.size_mm for cell in second.sizes] == [30.0, 15.0]
    assert (second.sum_mm, second.from_baseline_ratio) == (Decimal("45.0"), Decimal("-0.25"))
    assert (fourth.from_nadir_mm, fourth.category) == (Decimal("20.0"), "PD")
    assert fourth.from_nadir_ratio == Decimal("20") / Decimal("45")
    assert (third.sum_mm, third.partial_sum_mm, third.category) == (None, Decimal("14.0"), "NE")
    assert third.sizes[0].absence == "not outlined at this visit"


def test_the_baseline_has_no_change_and_earlier_visits_no_call() -> None:
    known = followed([30.0, 25.0])
    later = timeline(known.timepoints, known.tracks, [course(known.timepoints[1].first_on)])
    before, baseline = course_table(later, conclude(later))
    assert (before.category, before.sum_mm, before.partial_sum_mm) == (None, None, None)
    assert (baseline.category, baseline.from_baseline_ratio, baseline.from_nadir_mm) == ("BASELINE", None, None)


def test_a_baseline_of_nothing_has_no_ratio() -> None:
    known = followed([0.0, 3.0])
    row = course_table(known, conclude(known))[1]
    assert (row.from_baseline_ratio, row.from_nadir_ratio, row.from_nadir_mm) == (None, None, Decimal("3.0"))


def written() -> dict[str, list[str]]:
    known, findings = concluded()
    lanes = [Readings.of(known, Quantity(name), known.targets) for name in (SIZE, MEAN, CONTRAST)]
    texts = cards(course_table(known, findings), lanes)
    return {pk: text.split("<br>") for pk, text in texts.items()}


def test_a_card_tells_everything_of_its_visit() -> None:
    assert written()["4"] == [
        "27 Oct 2024 · day 293",
        "CT, 27 Oct 2024",
        "Sum 65.0 mm, +8.3 % from baseline, +20.0 mm against nadir: Progressive disease",
        "liver 1: 50.0 mm",
        "liver 2: 15.0 mm",
        "First order Mean: liver 1 36, liver 2 36 HU",
        "GLCM Contrast: liver 1 4, liver 2 4",
    ]


def test_a_card_says_what_is_missing() -> None:
    card = written()["3"]
    assert "Not evaluable (measured targets: 14.0 mm)" in card
    assert "liver 1: not outlined at this visit" in card


def test_a_visit_before_the_baseline_has_sizes_and_no_sum() -> None:
    known = followed([30.0, 25.0])
    later = timeline(known.timepoints, known.tracks, [course(known.timepoints[1].first_on)])
    card = cards(course_table(later, conclude(later)), [])["1"]
    assert card.split("<br>")[1:] == ["CT, 1 Jan 2024", "liver 1: 30.0 mm"]


def test_days_before_therapy_are_negative() -> None:
    assert written()["1"][0] == "1 Jan 2024 · day −7"


def test_a_visit_of_several_days_says_all_of_them() -> None:
    rows = course_table(*concluded())
    assert [row.when for row in rows] == ["1 Jan 2024", "1–4 Mar 2024", "30 Apr 2024", "27 Oct 2024"]
    assert [row.spans_days for row in rows] == [False, True, False, False]
    assert [(row.number, row.is_baseline) for row in rows][:2] == [(1, True), (2, False)]


def test_the_verdict_is_that_of_the_last_concluded_visit() -> None:
    known, findings = concluded()
    rows = course_table(known, findings)
    assert latest_concluded(rows) is rows[-1]
    assert latest_concluded(course_table(known, PatientFindings(known.patient_pk))) is None


def test_a_feature_table_has_values_one_unit_and_reasons() -> None:
    mean = feature_table(concluded()[0], MEAN)
    assert (mean.label, mean.unit, mean.note) == ("First order Mean", "HU", "")
    (_, cells), _ = mean.rows
    assert [cell.value for cell in cells] == [39.0, 38.0, None, 36.0]
    assert cells[2].absence == Absence.NOT_OUTLINED.label


def mixed() -> PatientTimeline:
    """Two lesions followed on CT, one seen on MR only."""
    known = followed([30.0], [20.0], [10.0])
    visits = [replace(known.timepoints[0], scans=(*known.timepoints[0].scans, MR_SCAN))]
    kinds = [(Modality.CT, "ct", 10), (Modality.CT, "ct", 10), (Modality.MR, "mr", MR_SCAN.pk)]
    tracks = [
        replace(lesion, observations=(
            observation(1, FIRST_ON, 10.0, features(pk, [1.0, 2.0, 3.0], profile=profile), modality=kind, scan_pk=scan),
        ))
        for pk, (lesion, (kind, profile, scan)) in enumerate(zip(known.tracks, kinds, strict=True), start=1)
    ]  # fmt: skip
    return timeline(visits, tracks)


def test_a_feature_of_two_kinds_of_scan_says_unit_and_kind_in_each_cell() -> None:
    seen = mixed()
    mean = feature_table(seen, MEAN)
    assert (mean.unit, mean.note) == ("", "the chart draws CT only")
    cells = [cells[0] for _, cells in mean.rows]
    assert [(cell.modality, cell.unit) for cell in cells] == [
        (Modality.CT, "HU"),
        (Modality.CT, "HU"),
        (Modality.MR, ""),
    ]
