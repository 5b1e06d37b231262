"""Both criteria at the last assessed visit, what would flip them, and what is still open."""

from dataclasses import replace
from datetime import timedelta

from monitoring.charts.response.calls import Blinding
from monitoring.shown.response.verdicts import STANDS, verdict_of
from patients.vocabulary import Organ
from tests.monitoring.charts.response.read_courses import ANNA, BERT, called, read, said, unconfirmed
from tests.timelines import followed


def test_both_criteria_with_their_deciding_sentences() -> None:
    verdict = verdict_of(unconfirmed())
    assert [(one.name, one.response.category.value) for one in verdict.called] == [
        ("RECIST 1.1", "SD"),
        ("iRECIST", "iSD"),
    ]
    assert all(one.decided_by for one in verdict.called)
    assert verdict.number == 3


def test_a_flip_stands_with_the_noise_of_reading() -> None:
    verdict = verdict_of(called(read([60.0, 75.0])))
    assert verdict.called[0].flips == ("If liver 1 were 3.1 mm smaller: SD.",)
    assert verdict.called[1].flips == ("If liver 1 were 3.1 mm smaller: iSD.",)
    source = "−12.5 % to +14 % (Oxnard 2011, lung tumours on repeated CT)"
    assert f"{source}, here: liver 1 −9.4 to +10.5 mm. For liver 1, not in the lung, this is an app" in verdict.noise


def test_in_the_lung_the_published_noise_is_no_approximation() -> None:
    known = read([60.0, 75.0])
    lung = replace(known, tracks=tuple(replace(track, organ=Organ.LUNG) for track in known.tracks))
    noise = verdict_of(called(lung)).noise
    assert "lung tumours" in noise and "approximation" not in noise


def test_no_flip_of_a_stale_reading_or_for_a_blinded_reader() -> None:
    known = read([60.0, 75.0])
    stale = replace(known, judgements=tuple(replace(one, is_stale=True) for one in known.judgements))
    assert verdict_of(called(stale)).called[0].flips == ()
    assert (verdict_of(called(stale)).noise, verdict_of(called(stale)).is_stale) == ("", True)
    both = replace(known, judgements=(*known.judgements, said(1, reader=BERT), said(2, reader=BERT)))
    blinded = verdict_of(called(both, Blinding(BERT, frozenset({1}))))
    assert (blinded.called[0].flips, blinded.reader) == ((), "bert")
    assert verdict_of(called(known, Blinding(ANNA + 5, frozenset({1, 2})))) is None


def test_the_open_window_and_the_dates() -> None:
    verdict = verdict_of(called(read([60.0, 75.0])))
    assert (verdict.block.confirm_until - verdict.block.confirm_from).days == 28
    facts = {fact.name: (fact.category and fact.category.value, fact.value) for fact in verdict.facts}
    assert facts["Best response, RECIST 1.1"] == ("PD", "")
    assert facts["Progression counts from, iRECIST"][1].endswith(", not confirmed")


def test_a_response_is_confirmed_or_not() -> None:
    (one,) = [fact for fact in verdict_of(called(read([60.0, 30.0]))).facts if fact.name == "Best response, RECIST 1.1"]
    assert one.value.startswith("not confirmed")
    (one,) = [f for f in verdict_of(called(read([60.0, 30.0, 30.0]))).facts if f.name == "Best response, RECIST 1.1"]
    assert one.value == "confirmed"


def test_visits_that_nobody_assessed_are_named() -> None:
    known = read([60.0, 50.0, 45.0])
    verdict = verdict_of(called(replace(known, judgements=known.judgements[:2])))
    assert (verdict.number, [number for number, _ in verdict.later]) == (2, [3])
    assert verdict_of(called(followed([60.0, 50.0]))) is None


def test_a_visit_that_is_signed_and_not_concluded_yet_is_not_called_unread() -> None:
    known = read([60.0, 50.0, 45.0])
    calls = called(replace(known, judgements=known.judgements[:2]))
    verdict = verdict_of(replace(calls, judgements={one.timepoint_pk: one for one in known.judgements}))
    assert (verdict.number, verdict.later, verdict.pending) == (2, (), (3,))


def test_a_response_after_progression_neither_counts_nor_flips() -> None:
    calls = called(read([60.0, 75.0, 30.0, 30.0]))
    verdict = verdict_of(calls)
    overall, immune = verdict.called
    assert (overall.response.category.value, overall.flips) == ("PR", ())
    assert (overall.after_progression, verdict.edge) == (calls.timeline.timepoints[1].last_on, None)
    assert immune.after_progression is None


def test_the_visit_of_the_progression_is_not_after_it() -> None:
    verdict = verdict_of(called(read([60.0, 75.0])))
    assert (verdict.called[0].after_progression, verdict.edge.value) == (None, "PD")
    again = verdict_of(called(read([60.0, 75.0, 80.0])))
    assert (again.called[0].after_progression is None, again.called[0].flips) == (False, ())


def test_no_flip_is_larger_than_an_error_of_reading() -> None:
    (large,) = [one for one in verdict_of(called(read([100.0, 40.0], [10.0, 4.0]))).called if one.name == "RECIST 1.1"]
    assert [abs(flip.change_mm) > 20 for flip in large.response.flips] == [True] * len(large.response.flips)
    assert large.flips == (STANDS,)


def test_no_response_since_a_day_after_the_progression_that_counts() -> None:
    calls = called(read([60.0, 40.0, 40.0]))
    name, responded_on = "Response since, iRECIST", calls.summary.immune_responded_on
    for days, is_told in ((0, False), (1, True)):
        summary = replace(calls.summary, immune_progressed_on=responded_on + timedelta(days))
        told = {fact.name for fact in verdict_of(replace(calls, summary=summary)).facts}
        assert (name in told, "Progression counts from, iRECIST" in told) == (is_told, True)
