"""What the tests of calls share: a course of three visits that readers signed, and its calls."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from monitoring.charts.response.calls import OPEN, Blinding, CourseCalls, course_calls
from patients.judged import Judgement, LesionJudged
from patients.timeline import PatientTimeline
from patients.words.reading_words import NewDisease, NonTarget
from radiomics_tasks.analysis.conclude import conclude
from tests.timelines import FIRST_ON, Size, course, followed, timeline

ANNA, BERT = 7, 8


def said(visit: int, lesions: Sequence[LesionJudged] = (), reader: int = ANNA, **more: Any) -> Judgement:
    """One signed reading: nothing but the targets, unless `more` says otherwise."""
    words = {"non_target": NonTarget.NA, "new": NewDisease.NO, "counts": reader == ANNA, **more}
    name = "anna" if reader == ANNA else "bert"
    return Judgement(100 * reader + visit, visit, reader, name, lesions=tuple(lesions), **words)


def read(
    *series: list[Size], lesions: Mapping[int, Sequence[LesionJudged]] | None = None, **more: Any
) -> PatientTimeline:
    """Targets with one size a visit, each visit signed by Anna; `more` is said of every visit."""
    known = followed(*series)
    visits = [visit.pk for visit in known.timepoints]
    judged = tuple(said(pk, (lesions or {}).get(pk, ()), **more) for pk in visits)
    therapy = known.courses or (course(FIRST_ON + timedelta(7)),)
    return replace(known, courses=therapy, judgements=judged)


def called(known: PatientTimeline, blinding: Blinding = OPEN, course_pk: int | None = None) -> CourseCalls:
    """What is concluded of a timeline, as a viewer may know it."""
    found = conclude(known)
    return course_calls(known, found.responses, found.summaries, course_pk, blinding)


def unconfirmed() -> CourseCalls:
    """Progression at the second visit that the third does not confirm."""
    return called(read([60.0, 75.0, 50.0]))


def day(days: int) -> date:
    return FIRST_ON + timedelta(days)


__all__ = ["ANNA", "BERT", "called", "day", "read", "said", "timeline", "unconfirmed"]
