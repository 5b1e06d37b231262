"""Of scans that are not comparable no change of size is shown, whatever the table calls its reference."""

from monitoring.shown.response.lesion_table import lesion_rows
from monitoring.shown.trust.sizes_apart import NOT_KNOWN, SizesApart
from radiomics_tasks.analysis.conclude import conclude
from tests.progressions import SHARP, UNSCALED, progression, scanned


def apart(timeline) -> SizesApart:
    return SizesApart(conclude(timeline).comparisons)


def row(timeline):
    (found,) = lesion_rows(timeline, conclude(timeline).comparisons)
    return found


def test_no_change_of_the_last_scan_against_any_reference():
    found = row(scanned(progression(50.0, 40.0, 45.0), {3: UNSCALED}))
    for change in (found.against_baseline, found.against_previous, found.against_nadir):
        assert (change.mm, change.ratio) == (None, None)
        assert change.withheld.startswith("Values that are not scaled to HU")
    assert (found.volume_change_ratio, found.volume_withheld) == (None, found.against_baseline.withheld)
    assert [cell.size_mm for cell in found.cells] == [50.0, 40.0, 45.0]


def test_only_the_references_on_other_scans_are_withheld():
    found = row(scanned(progression(50.0, 40.0, 45.0), {1: UNSCALED}))
    assert found.against_baseline.withheld and found.volume_withheld
    assert (found.against_previous.mm, found.against_nadir.mm) == (5.0, 5.0)


def test_texture_that_is_not_comparable_keeps_sizes():
    found = row(scanned(progression(50.0, 40.0, 45.0), {3: SHARP}))
    assert (found.against_baseline.mm, found.against_previous.mm, found.volume_withheld) == (-5.0, 5.0, "")


def test_two_scans_that_are_no_pair_are_compared_where_comparable_pairs_lead_from_one_to_the_other():
    """The third visit is neither baseline, previous nor nadir of the fifth."""
    alike = apart(scanned(progression(50.0, 30.0, 45.0, 46.0, 47.0), {1: UNSCALED}))
    assert alike.why(1, 3, 5) == ""
    unlike = apart(scanned(progression(50.0, 30.0, 45.0, 46.0, 47.0), {3: UNSCALED}))
    assert unlike.why(1, 3, 5) == NOT_KNOWN
    assert unlike.why(1, 2, 5) == unlike.why(2, 3, 5) == SizesApart().why(1, 3, 5) == ""
