"""Why a category was called, as sentences for a reader: the deciding one first."""

from collections.abc import Iterator, Mapping

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NonTarget
from patients.written_dates import day
from radiomics_tasks.analysis import reasons
from radiomics_tasks.analysis.criteria.irecist.states import ImmuneResult
from radiomics_tasks.analysis.criteria.overall import OverallResult
from radiomics_tasks.analysis.criteria.sums import TargetResult
from radiomics_tasks.analysis.response.flags import flag_words

DECIDED_BY = {
    "TARGET_PD": "The target lesions have progressed",
    "NON_TARGET_PD": "Non-target disease has unequivocally progressed",
    "NEW_LESION": "There is an unequivocal new lesion",
    "TARGET_NE": "A target lesion has no size, and the others do not meet progression",
    "NEW_NOT_EVALUATED": "Whether there is a new lesion was not evaluated",
    "TARGET_CR_NON_TARGET_CR": "Every target and all non-target disease is gone",
    "TARGET_CR_NON_TARGET_PERSISTS": "Every target is gone, but non-target disease is still there",
    "TARGET_CR_NON_TARGET_NE": "Every target is gone, but the non-target disease was not evaluated",
    "TARGET_PR": "The target lesions have responded, nothing else has progressed",
    "TARGET_SD": "The target lesions have neither responded nor progressed, nothing else has progressed",
    "NON_TARGET_CR": "All non-target disease is gone",
    "NON_TARGET_PERSISTS": "Non-target disease is still there and not unequivocally worse",
    "NON_TARGET_NE": "The non-target disease was not evaluated",
    "NO_DISEASE": "There was no disease at baseline and there is none now",
    "NOT_READ": "Nobody has assessed this visit",
    "PR_CONTINUED": "A confirmed partial response goes on until progression",
    "CR_REREAD_AS_PR": "A reader took this complete response for a partial one later",
    "READER_PROGRESSION_AFTER_CR": "A reader decided that disease is back after the complete response",
    "READER_EQUIVOCAL_AFTER_CR": "A reader found what may be back after the complete response equivocal",
    "DISEASE_BACK_AFTER_CR": "Disease is back after the complete response",
    "NODE_BACK_AFTER_CR": "Only nodes of 10 to under 15 mm are back after the complete response",
    "NOTHING_BACK_NOT_EVALUATED": "Nothing is back after the complete response, but not all of it was evaluated",
}


def overall_sentences(result: OverallResult, names: Mapping[str, str]) -> tuple[str, ...]:
    """What decided an overall response, the numbers, what else was judged, and what is to be known beside it."""
    return (
        DECIDED_BY[result.rule],
        *_target(result.target, names),
        *([f"non-target disease: {_lower(result.non_target.label)}"] if result.non_target is not NonTarget.NA else []),
        f"new lesions: {_lower(result.new.label)}",
        *_revision(result),
        *(flag_words(flag, names) for flag in result.flags if flag not in (result.rule, "NOT_READ")),
    )


def _revision(result: OverallResult) -> Iterator[str]:
    if result.revision is not None and result.category is not ResponseCategory.PD:
        since, on = day(result.revision.progressed_on), day(result.revision.revised_on)
        yield f"called {result.category.value} at first; revised on {on}: progression since {since}"


def _target(result: TargetResult, names: Mapping[str, str]) -> Iterator[str]:
    if result.category is ResponseCategory.NA:
        return
    yield f"target response {result.category.value}: {'; '.join(_sums(result))}"
    if result.missing:
        yield f"without a size: {', '.join(names.get(key, key) for key in result.missing)}"


def _sums(result: TargetResult) -> Iterator[str]:
    if result.baseline_mm is None or result.nadir is None:
        kind = "sum of the measured targets" if result.sum_mm is None else "sum"
        yield f"{kind} {reasons.rounded(result.partial_mm)} mm"
        yield "no complete baseline sum to compare with"
    elif result.sum_mm is None:
        # Fewer lesions than the nadir's: only growth over it says something, a fall would be of what is missing.
        yield f"sum of the measured targets {reasons.rounded(result.partial_mm)} mm"
        if result.category is ResponseCategory.PD:
            yield reasons.over_nadir(result.partial_mm, result.nadir.sum_mm, result.nadir.on)
        else:
            yield "not enough for progression, and not comparable with sums of all targets"
    else:
        yield f"sum {reasons.rounded(result.sum_mm)} mm"
        yield reasons.change_from(result.sum_mm - result.baseline_mm, result.baseline_mm, "baseline")
        yield reasons.over_nadir(result.sum_mm, result.nadir.sum_mm, result.nadir.on)


def immune_sentences(result: ImmuneResult, names: Mapping[str, str]) -> tuple[str, ...]:
    """What decided an iRECIST category, the numbers since the unconfirmed progression, and the other reading."""
    return (
        result.reason.rstrip("."),
        *_immune_numbers(result),
        *(flag_words(flag, names) for flag in result.flags if flag != "NOT_READ"),
        *([f"the other reading is {result.alternative.value}"] if result.alternative else []),
    )


def _immune_numbers(result: ImmuneResult) -> Iterator[str]:
    if result.sum_mm is not None and result.nadir_mm is not None:
        change = reasons.signed(result.sum_mm - result.nadir_mm)
        yield f"target sum {reasons.rounded(result.sum_mm)} mm, {change} mm against its nadir"
    if result.days_open is not None and result.least_mm is not None and result.sum_mm is not None:
        change = reasons.signed(result.sum_mm - result.least_mm)
        yield f"{change} mm against the least sum since the unconfirmed progression, {result.days_open} days ago"
    if result.new_sum_mm is not None:
        yield f"new measured lesions: sum {reasons.rounded(result.new_sum_mm)} mm"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
