"""Every hosted model on every lesion and visit of a patient, in one pure call."""

from collections.abc import Iterator, Sequence

from patients.concluded.hosted_findings import HostedOutput
from patients.concluded.trusted import LesionComparison
from patients.findings import Delta
from patients.timeline import PatientTimeline, Timepoint
from patients.words.hosted_words import Aggregate, Level, Source
from radiomics_tasks.analysis.trust.hosted.inputs import Seen, aggregated, lab_given, seen_at
from radiomics_tasks.analysis.trust.hosted.model import CoefficientModel
from radiomics_tasks.analysis.trust.hosted.output import Given, hosted_output


def hosted_outputs(
    timeline: PatientTimeline,
    deltas: Sequence[Delta],
    models: Sequence[CoefficientModel],
    comparisons: Sequence[LesionComparison] = (),
) -> tuple[HostedOutput, ...]:
    """What each model says, in the order of visits, models and lesions; every visit with an outline has an answer.

    Changes of pairs that `comparisons` block are not used.
    """
    if not models:
        return ()
    return tuple(
        output
        for visit in timeline.timepoints
        for output in _at_visit(timeline, visit, seen_at(timeline, visit, deltas, comparisons), models)
    )


def _at_visit(
    timeline: PatientTimeline, visit: Timepoint, lesions: Sequence[Seen], models: Sequence[CoefficientModel]
) -> Iterator[HostedOutput]:
    for model in models:
        if not lesions:
            return
        if model.level is Level.PATIENT:
            yield hosted_output(model, _of_patient(timeline, visit, lesions, model), visit.pk)
            continue
        for lesion in lesions:
            yield hosted_output(model, _of_lesion(timeline, lesion, model), visit.pk, lesion.track.lesion_pk)


def _of_lesion(timeline: PatientTimeline, lesion: Seen, model: CoefficientModel) -> dict[str, Given]:
    on = lesion.observation.observed_on
    return {
        term.key: lab_given(term, timeline.labs, on) if term.source is Source.LAB else lesion.given(term)
        for term in model.terms
    }


def _of_patient(
    timeline: PatientTimeline, visit: Timepoint, lesions: Sequence[Seen], model: CoefficientModel
) -> dict[str, Given]:
    aggregate = model.aggregate or Aggregate.MEAN
    return {
        term.key: lab_given(term, timeline.labs, visit.last_on)
        if term.source is Source.LAB
        else aggregated(term, lesions, aggregate)
        for term in model.terms
    }
