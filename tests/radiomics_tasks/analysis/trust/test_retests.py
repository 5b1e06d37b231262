"""Two scans of a day measure noise only where they are two acquisitions of the same thing."""

from dataclasses import replace
from datetime import date

import pytest

from radiomics_tasks.analysis.trust import retests as told
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from radiomics_tasks.analysis.trust.comparability.scan_facts import Probes, ScanFacts
from radiomics_tasks.analysis.trust.retests import RetestSide, retests

TAGS = {"RescaleSlope": 1.0, "RescaleIntercept": -1024.0, "ContrastBolusAgent": "Iomeprol"}


def side(pk: int = 1, time: str = "090000", frame: str = "", **more) -> RetestSide:
    tags = {**TAGS, "AcquisitionTime": time, **more.pop("tags", {})}
    facts = ScanFacts(
        modality="CT", acquired_on=date(2024, 1, 8), acquisition=tags, probes=more.pop("probes", Probes())
    )
    return replace(RetestSide(pk, 1, frame, facts, "ct", "build"), **more)


def why_not(second: RetestSide, first: RetestSide | None = None) -> str:
    (pair,) = retests([first or side(), second], default_rules())
    return pair.why_not


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (side(2, "130000"), ""),
        (side(2, "090100"), ""),
        (side(2, "090059.9"), told.ONE_ACQUISITION),
        (side(2, ""), told.ONE_ACQUISITION),
        (side(2, "130000", profile_digest="other"), told.OTHER_PROFILE),
        (side(2, "130000", build_digest="other"), told.OTHER_BUILD),
        (side(2, "130000", profile_digest=""), told.NOT_EXTRACTED),
        (side(2, "130000", is_measured=False), told.NOT_EXTRACTED),
        (side(2, "130000", tags={"ContrastBolusAgent": "none"}), told.OTHER_PHASE),
    ],
)
def test_a_pair_is_used_or_says_why_not(second, reason):
    assert why_not(second) == reason


def test_another_frame_of_reference_is_another_acquisition():
    assert why_not(side(2, "", frame="1.2.3"), side(frame="1.2.4")) == ""
    assert why_not(side(2, "", frame="1.2.3"), side(frame="1.2.3")) == told.ONE_ACQUISITION


def test_what_the_image_shows_of_the_phase_counts():
    arterial, portal = Probes(aorta_hu=310.0), Probes(aorta_hu=150.0)
    assert why_not(side(2, "130000", probes=portal), side(probes=arterial)) == told.OTHER_PHASE


def test_scans_whose_texture_is_not_comparable_are_no_test_and_retest():
    thick, thin = {"SliceThickness": 5.0}, {"SliceThickness": 1.25}
    assert why_not(side(2, "130000", tags=thick), side(tags=thin)).startswith("Slices are at least twice as thick")


def test_other_days_and_kinds_of_scan_are_no_pair():
    other_day = replace(side(2), facts=replace(side(2).facts, acquired_on=date(2024, 1, 9)))
    other_kind = replace(side(3), facts=replace(side(3).facts, modality="PT"))
    assert retests([side(), other_day, other_kind, side(4, lesion_pk=2)], default_rules()) == ()
