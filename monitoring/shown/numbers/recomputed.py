"""Where the newest request for a number to be computed again stands."""

from typing import Any

from patients.reads.trusting.recomputations import newest_about
from patients.vocabulary import RunState, Step
from patients.words.recompute_words import Recomputed
from radiomics_tasks.relay.standing import runs_for


def standing(subject: str, pk: int | None) -> dict[str, Any]:
    """The request with its answer, or that a worker is still at it; `pk` None: there is nothing to compute again."""
    asked = newest_about(subject, pk) if pk is not None else None
    run = runs_for(Step.RECOMPUTE, [asked.pk]).get(asked.pk) if asked and not asked.outcome else None
    has_failed = run is not None and run.state == RunState.FAILED
    return {
        "asked": asked,
        "outcome": Recomputed(asked.outcome) if asked and asked.outcome else None,
        # Not by the run: it may have ended between the two questions, and then the answer is a moment away.
        "is_moving": asked is not None and not asked.outcome and not has_failed,
        "has_failed": has_failed,
        "can_ask": pk is not None,
    }
