"""How far each outline of a filed scan is: one row a lesion and scan, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from patients.models import Measurement, Segmentation
from patients.vocabulary import Absence, RunState
from radiomics_tasks.relay.standing import UNFINISHED


class Standing(Protocol):
    """What is read of a run: where it stands, why, and how far it is."""

    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def progress_done(self) -> int: ...
    @property
    def progress_total(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """One outline, where its measurement stands, and what a person can do about it."""

    outline: Segmentation
    state: RunState
    words: str
    reason: str
    measurement: Measurement | None

    @property
    def is_moving(self) -> bool:
        """Whether looking again soon is worth it."""
        return self.state in UNFINISHED

    @property
    def has_failed(self) -> bool:
        """Whether a person may ask for another try."""
        return self.state is RunState.FAILED


def progress_rows(outlines: Iterable[Segmentation], runs: Mapping[int, Standing]) -> list[ProgressRow]:
    """One row for each outline; `runs` holds the extraction of each scan by the scan's key."""
    return [_row(outline, runs.get(outline.scan_id)) for outline in outlines]


def _row(outline: Segmentation, run: Standing | None) -> ProgressRow:
    measurement = outline.sizes_told
    if getattr(outline, "is_damaged", False):
        return ProgressRow(outline, RunState.DONE, RunState.DONE.label, Absence.DAMAGED.label, None)
    if run is None:
        state = RunState.QUEUED if measurement is None else RunState.DONE
        return ProgressRow(outline, state, state.label, "", measurement)
    state = RunState(run.state)
    if measurement is not None and state is not RunState.RUNNING:
        # The size of one outline stands, whatever became of a later attempt at the others.
        return ProgressRow(outline, RunState.DONE, RunState.DONE.label, "", measurement)
    return ProgressRow(outline, state, words_of(run), run.reason, measurement)


def words_of(run: Standing) -> str:
    """Where a run stands, with its progress where it has told any."""
    state = RunState(run.state)
    if state is not RunState.RUNNING:
        return state.label
    if run.progress_total:
        return f"Measuring {run.progress_done} of {run.progress_total}"
    return "Measuring"


def is_moving(run: Standing | None) -> bool:
    """Whether a run still has something to do."""
    return run is not None and run.state in UNFINISHED
