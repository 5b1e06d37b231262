"""Best responses, dates and labels of a line of therapy under iRECIST."""

from dataclasses import replace
from datetime import timedelta

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.immune_best import confirmed_immune_best, immune_best, immune_summary
from radiomics_tasks.analysis.criteria.protocol import Protocol
from tests.written_immune import BASELINE_ON, immune, lesion, on, seen

GONE = seen(0, "CR", are_targets_gone=True)


def best(*categories: str, days: int = 42) -> tuple[str | None, str | None]:
    series = [(BASELINE_ON + timedelta(days * n), ResponseCategory(word)) for n, word in enumerate(categories, start=1)]
    return immune_best(series, BASELINE_ON), confirmed_immune_best(series, BASELINE_ON)


def test_a_response_needs_a_later_one_to_be_confirmed() -> None:
    assert best("iPR", "iPR") == ("iPR", "iPR")
    assert best("iCR", "NE", "iCR") == ("iCR", "iCR")
    assert best("iPR", "iUPD", "iPR") == ("iPR", "iSD")
    assert best("iCR", "iPR") == ("iCR", "iSD")
    assert best("iPR", "iUPD", days=28) == ("iPR", "iUPD")
    assert best("iPR", days=28) == ("iPR", "NE")


def test_what_counts_as_not_evaluable() -> None:
    assert best() == (None, None)
    assert best("EQUIVOCAL_REAPPEARANCE") == ("NE", "NE")
    assert best("iSD", days=41) == ("NE", "NE")
    assert best("iSD") == ("iSD", "iSD")
    assert best("NON-iCR/NON-iUPD", "iUPD") == ("NON-iCR/NON-iUPD", "NON-iCR/NON-iUPD")


def test_dates_of_a_confirmed_progression_and_the_duration_of_response() -> None:
    summary = immune_summary(immune(60, 55, 70, 76))
    assert (summary.best, summary.confirmed_best) == ("iPR", "iPR")
    assert (summary.responded_on, summary.confirmed_responded_on) == (on(1), on(1))
    assert (summary.progressed_on, summary.confirmed_progression_on) == (on(3), on(4))
    assert (summary.is_progression_confirmed, summary.response_days) == (True, 84)
    assert summary.progression == "2024-05-06"


def test_an_open_progression_counts_unconfirmed_and_ends_no_response() -> None:
    summary = immune_summary(immune(60, 72))
    assert (summary.progression, summary.response_days) == ("2024-03-25 (iUPD, unconfirmed)", None)
    assert immune_summary(immune(125, 131)).response_days is None


def test_a_reset_progression_is_no_event() -> None:
    summary = immune_summary(immune(130, 60))
    assert (summary.progressed_on, summary.progression, summary.is_progression_confirmed) == (None, None, False)


def test_the_window_of_confirmation() -> None:
    (block,) = immune_summary(immune(130)).blocks
    assert (block.opened_on, block.outcome, block.label) == (on(1), "OPEN", "OPEN")
    assert [(day - block.opened_on).days for day in (block.confirm_from, block.confirm_until)] == [28, 56]


def test_persistence_neither_improves_nor_labels() -> None:
    course = immune(70, 70, 90, 80, ipr_persistence_after_reset="continue")
    assert immune_summary(course).blocks[0].label == "UNRESOLVED"


def test_visits_after_the_next_therapy_and_unread_ones_do_not_count() -> None:
    course = immune(100, 60)
    assert immune_summary(course, next_treatment_on=on(2) - timedelta(days=1)).best == "iSD"
    assert immune_summary(course, next_treatment_on=on(2)).best == "iPR"
    assert immune_summary(immune(replace(seen(60), is_read=False))).best is None


def test_labels_by_what_fell_and_what_followed() -> None:
    def labels(*visits: object) -> list[str]:
        return [block.label for block in immune_summary(immune(*visits)).blocks]

    n1 = lesion(size=20)
    assert labels(seen(100, "NA", n1), seen(90, "NA", lesion(size=20))) == ["UNRESOLVED"]
    assert labels(seen(100, "NA", n1), seen(90, "NA", lesion(size=15))) == ["PSP_BROAD"]
    assert labels(seen(100, "NA", lesion()), seen(70, "NA", lesion())) == ["PSP_STRICT"]
    assert labels(seen(100, "NA", lesion()), seen(90, "NA", lesion())) == ["UNRESOLVED"]
    later = seen(130, on=on(2) + timedelta(days=85))
    assert labels(130, 108, later) == ["PSP_BROAD", "OPEN"]
    assert labels(130, 108, replace(later, on=on(2) + timedelta(days=84))) == ["UNRESOLVED", "OPEN"]
    assert labels(seen(None, partial_mm=seen(130).sum_mm), 108) == ["UNRESOLVED"]


def test_a_strict_label_followed_by_progression_is_marked() -> None:
    assert immune_summary(immune(130, 60, 80)).late_pd == (on(1),)
    assert immune_summary(immune(130, 60, 65)).late_pd == ()


def test_the_first_response_that_is_confirmed() -> None:
    summary = immune_summary(immune(65, 80, 60, 60), Protocol())
    assert (summary.responded_on, summary.confirmed_responded_on) == (on(1), on(3))
    assert immune_summary(immune(GONE)).confirmed_responded_on is None
