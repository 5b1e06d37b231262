"""What blood and ctDNA say at the date of a scan: the last result of each kind, and how old it is."""

from collections.abc import Iterator
from datetime import date, timedelta

from patients.concluded.trust_findings import Source
from patients.labs.derived import RATIO
from patients.labs.seen import Lab
from patients.labs.words import Analyte, Bound
from patients.timeline import PatientTimeline
from patients.words.trust_words import SourceKind
from patients.written_dates import day
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import ItemEvidence, ctdna

# A level of before treatment stands for the start of a series if it is no older than this.
LONGEST_BEFORE = timedelta(days=60)
_OF_LIMIT = {"ldh": Analyte.LDH, "s100b": Analyte.S100B}


def blood_items(timeline: PatientTimeline, on: date) -> Iterator[tuple[str, ItemEvidence]]:
    """LDH and S100B in multiples of their upper limit, the ratio of neutrophils to lymphocytes, ctDNA."""
    for name, analyte in _OF_LIMIT.items():
        last = _last(timeline, analyte, on)
        if last is not None and last.limit_ratio is not None and last.bound is Bound.EXACT:
            yield name, _item(last, last.limit_ratio, on)
    ratio = _last(timeline, Analyte.NLR, on)
    if ratio is not None and ratio.bound is Bound.EXACT:
        yield "nlr", _item(ratio, ratio.value, on)
    if (course := timeline.current_course) is not None and (found := _ctdna(timeline, course.started_on, on)):
        yield "ctdna", found


def blood_doubts(timeline: PatientTimeline, on: date) -> Iterator[str]:
    """Why the last result of a kind says nothing: an earlier one never takes the place of what came since."""
    for analyte in (*_OF_LIMIT.values(), Analyte.NLR):
        last = _last(timeline, analyte, on)
        if last is None:
            continue
        if last.bound is not Bound.EXACT:
            yield f"Not used: {source_of(last).text} is a limit, not a value. An earlier result does not stand for it."
        elif analyte in _OF_LIMIT.values() and last.limit_ratio is None:
            yield (
                f"Not used: {source_of(last).text} has no upper limit of normal. Enter the limit of its laboratory; "
                "an earlier result does not stand for it."
            )


def _last(timeline: PatientTimeline, analyte: Analyte, on: date) -> Lab | None:
    """The last result at the scan, of one day one that can be used; what was taken later is not known yet."""
    fitting = [lab for lab in timeline.labs if lab.analyte is analyte and lab.taken_on <= on]
    return max(
        fitting, key=lambda lab: (lab.taken_on, lab.bound is Bound.EXACT, lab.limit_ratio is not None), default=None
    )


def _item(lab: Lab, value: float, on: date) -> ItemEvidence:
    return ItemEvidence(value, (on - lab.taken_on).days, sources=(source_of(lab),))


def source_of(lab: Lab) -> Source:
    """One result as a source of the score.

    >>> source_of(Lab(1, "", Analyte.LDH, "LDH", date(2024, 1, 8), 475.0, "U/L")).text
    'LDH 475 U/L of 8 Jan 2024'
    """
    sign = "" if lab.bound is Bound.EXACT else lab.bound.value
    unit = "" if lab.unit == RATIO else f" {lab.unit}"
    return Source(f"{lab.name} {sign}{lab.value:.4g}{unit} of {day(lab.taken_on)}", SourceKind.LAB, lab.analyte.value)


def _ctdna(timeline: PatientTimeline, started_on: date, on: date) -> ItemEvidence | None:
    """Levels of one assay from the last one before treatment on; two are needed to tell a direction."""
    known = [lab for lab in timeline.labs if lab.analyte is Analyte.CTDNA and lab.taken_on <= on]
    taken = sorted(known, key=lambda lab: lab.taken_on)
    series = [lab for lab in taken if lab.series == taken[-1].series]
    before = [lab for lab in series if started_on - LONGEST_BEFORE <= lab.taken_on <= started_on]
    levels = [*before[-1:], *(lab for lab in series if lab.taken_on > started_on)]
    if len(levels) < 2:
        return None
    last = levels[-1]
    weeks = (last.taken_on - started_on).days / 7
    value = ctdna([lab.level for lab in levels], weeks)
    return ItemEvidence(value, (on - last.taken_on).days, sources=tuple(source_of(lab) for lab in (levels[0], last)))
