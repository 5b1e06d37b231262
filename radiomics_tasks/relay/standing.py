"""Where work stands: reading runs, for pages that show progress and for whoever waits."""

from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet

from patients.vocabulary import RunState, Step
from radiomics_tasks.models import ProcessingRun

UNFINISHED = (RunState.QUEUED, RunState.RUNNING, RunState.RETRY_WAIT)


def runs_for(step: Step, subject_pks: Collection[int]) -> dict[int, ProcessingRun]:
    """The latest run of one step for each subject that has one."""
    rows = ProcessingRun.objects.filter(step=step, subject_pk__in=subject_pks).order_by("armed_at")
    return {run.subject_pk: run for run in rows}


def failed_subjects(step: Step) -> "QuerySet[ProcessingRun, int]":
    """Keys of the subjects whose work of one step stands as failed, for use in another query."""
    return ProcessingRun.objects.filter(step=step, state=RunState.FAILED).values_list("subject_pk", flat=True)


def unfinished(step_subjects: Mapping[Step, Collection[int]]) -> list[ProcessingRun]:
    """What is still to be done for these subjects."""
    wanted = Q(pk__in=[])
    for step, subjects in step_subjects.items():
        wanted |= Q(step=step, subject_pk__in=list(subjects))
    return list(ProcessingRun.objects.filter(wanted, state__in=UNFINISHED).order_by("armed_at"))
