"""Random numbers that were derived from stored ones: scores, harmonised values, answers of hosted models."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from patients.models import HarmonisedValues, ModelOutput, PseudoprogressionScore
from patients.words.harmonisation_words import ModelStatus
from patients.words.recompute_words import Recomputed
from patients.written_dates import day
from radiomics_tasks.recomputing.bits import Difference, told
from radiomics_tasks.recomputing.derived import harmonised_again, output_again, score_again
from radiomics_tasks.recomputing.snapshots import Again

SCORE, HARMONISED, ANSWER = "score", "harmonised", "answer"


@dataclass(frozen=True, slots=True)
class DerivedNumber:
    """One stored number: what it is of, its row, and its place in the row's array (0 where it is one number)."""

    kind: str
    row_pk: int
    place: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """One number that was computed again; `difference` is None where it is the same to the bit."""

    patient: str
    where: str
    name: str
    stored: str
    difference: Difference | None


def derived_drawn(chance: random.Random, share: int, patient_pk: int | None) -> list[DerivedNumber]:
    """So many random numbers of each kind, as far as there are any; an abstention is a score as well."""
    scores = PseudoprogressionScore.objects.order_by("pk")
    answers = ModelOutput.objects.filter(superseded_at=None, value__isnull=False).order_by("pk")
    harmonised = HarmonisedValues.objects.filter(
        model__status=ModelStatus.IN_FORCE,
        snapshot__segmentation__superseded_at=None,
        snapshot__segmentation__lesion__isnull=False,
    ).order_by("pk")
    if patient_pk:
        scores, answers = scores.filter(patient=patient_pk), answers.filter(patient=patient_pk)
        harmonised = harmonised.filter(snapshot__segmentation__scan__patient=patient_pk)
    return [
        *(DerivedNumber(SCORE, pk) for pk in _some(chance, list(scores.values_list("pk", flat=True)), share)),
        *_places(chance, _some(chance, list(harmonised.values_list("pk", flat=True)), share)),
        *(DerivedNumber(ANSWER, pk) for pk in _some(chance, list(answers.values_list("pk", flat=True)), share)),
    ]


def _some(chance: random.Random, pks: Sequence[int], share: int) -> list[int]:
    return sorted(chance.sample(pks, min(share, len(pks))))


def _places(chance: random.Random, pks: Sequence[int]) -> Iterator[DerivedNumber]:
    """One value of each row that has any."""
    rows = dict(HarmonisedValues.objects.filter(pk__in=pks).values_list("pk", "values"))
    for pk in pks:
        known = [place for place, value in enumerate(rows[pk]) if value is not None]
        if known:
            yield DerivedNumber(HARMONISED, pk, chance.choice(known))


def derived_checked(numbers: Sequence[DerivedNumber]) -> Iterator[Checked]:
    """Each of them from its stored inputs and the model that it was derived by."""
    return (_CHECKS[number.kind](number) for number in numbers)


def _score(number: DerivedNumber) -> Checked:
    row = PseudoprogressionScore.objects.select_related("patient").get(pk=number.row_pk)
    name = "probability" if row.probability is not None else row.status
    where = f"pseudoprogression score{f' of the progression of {day(row.opened_on)}' if row.opened_on else ''}"
    return Checked(row.patient.pseudonym, where, name, told(row.probability), _difference(score_again(row), where))


def _harmonised(number: DerivedNumber) -> Checked:
    rows = HarmonisedValues.objects.select_related(
        "model", "snapshot__feature_set", "snapshot__segmentation__scan__patient", "snapshot__segmentation__lesion"
    )
    row = rows.get(pk=number.row_pk)
    outline, name = row.snapshot.segmentation, row.snapshot.feature_set.names[number.place]
    where = f"{outline.lesion}, harmonised by {row.model}"
    found = harmonised_again(row)
    return Checked(
        outline.scan.patient.pseudonym, where, name, told(row.values[number.place]), _difference(found, where)
    )


def _answer(number: DerivedNumber) -> Checked:
    row = ModelOutput.objects.select_related("patient", "model").get(pk=number.row_pk)
    where = f"{row.model}, visit {row.timepoint_id}"
    return Checked(row.patient.pseudonym, where, "answer", told(row.value), _difference(output_again(row), where))


_CHECKS: Mapping[str, Callable[[DerivedNumber], Checked]] = {
    SCORE: _score,
    HARMONISED: _harmonised,
    ANSWER: _answer,
}


def _difference(found: Again, where: str) -> Difference | None:
    """What differs first in the whole row: a number is only as good as what it came with."""
    if found.outcome is Recomputed.SAME:
        return None
    return found.differing[0] if found.differing else Difference("what", where, "derived", found.sentence)
