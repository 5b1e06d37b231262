"""Whose calls of which line of therapy a viewer may know."""

from dataclasses import replace
from datetime import timedelta

from monitoring.charts.course import Wanted, called_figure
from monitoring.charts.response.calls import Blinding, known_to
from patients.judged import LesionJudged
from patients.vocabulary import Criterion
from patients.words.reading_words import SizeState
from radiomics_tasks.analysis.conclude import conclude
from tests.monitoring.charts.response.read_courses import ANNA, BERT, called, read, said, unconfirmed
from tests.timelines import FIRST_ON, course


def letters(found) -> list[str]:
    return [response.category.value for response in found.values()]


def test_everything_is_known_to_who_is_not_blinded() -> None:
    calls = unconfirmed()
    assert (letters(calls.overall), letters(calls.immune)) == (["PD", "SD"], ["iUPD", "iSD"])
    assert letters(calls.sums) == ["BASELINE", "PD", "SD"]
    assert calls.last_called is calls.timeline.timepoints[-1]
    assert [block.outcome for block in calls.blocks] == ["RESET"]


def two_readers():
    """Anna signed all three visits; Bert the first two, and at the second he found the lesion smaller."""
    known = read([60.0, 75.0, 50.0])
    smaller = LesionJudged(known.tracks[0].lesion_pk, SizeState.MEASURED, 61.0, "other edge")
    return replace(known, judgements=(*known.judgements, said(1, reader=BERT), said(2, (smaller,), reader=BERT)))


def test_a_blinded_reader_sees_own_calls_alone() -> None:
    known = two_readers()
    last = known.timepoints[-1].pk
    calls = called(known, Blinding(BERT, frozenset({last})))
    assert letters(calls.overall) == ["SD"]
    assert last not in calls.sums and last not in calls.judgements
    assert {said.reader_pk for said in calls.judgements.values()} == {BERT}
    assert called(known, Blinding(ANNA)).overall.keys() == {known.timepoints[1].pk, last}


def test_no_empty_sum_is_drawn_where_everything_is_hidden() -> None:
    known = two_readers()
    everything = frozenset(visit.pk for visit in known.timepoints)
    drawing = called_figure(called(known, Blinding(BERT + 1, everything)), Wanted())
    assert [trace["name"] for trace in drawing.data] == ["CT scans"]


def test_the_export_holds_no_more_than_the_page() -> None:
    known = two_readers()
    responses = conclude(known).responses
    last = known.timepoints[-1].pk
    assert any(found.flips for found in known_to(responses, known, Blinding()))
    hidden = known_to(responses, known, Blinding(BERT, frozenset({last})))
    assert {found.reader_pk for found in hidden if found.criterion is not Criterion.RECIST_1_1_TARGET} == {BERT}
    assert all(found.timepoint_pk != last and not found.flips for found in hidden)


def test_a_stale_reading_flips_nothing() -> None:
    known = read([60.0, 75.0, 50.0])
    stale = replace(known, judgements=tuple(replace(said, is_stale=True) for said in known.judgements))
    assert not any(found.flips for found in known_to(conclude(stale).responses, stale, Blinding()))


def test_an_earlier_line_has_its_own_visits_and_baseline() -> None:
    known = read([60.0, 75.0, 50.0, 70.0])
    lines = (course(FIRST_ON, pk=1), course(known.timepoints[2].first_on + timedelta(1), "second", pk=2))
    known = replace(known, courses=lines)
    assert [line.pk for line in known.lines] == [1, 2]
    earlier, current = called(known, course_pk=1), called(known)
    assert [visit.pk for visit in earlier.timeline.timepoints] == [1, 2, 3]
    assert (letters(earlier.overall), earlier.is_current) == (["PD", "SD"], False)
    assert [float(found.sum_mm or 0) for found in earlier.sums.values()] == [60.0, 75.0, 50.0]
    assert (letters(current.overall), current.is_current) == (["PD"], True)
