"""Gates in their order, what every answer carries, and the properties that hold for all evidence."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.concluded.trust_findings import Source
from patients.vocabulary import ResponseCategory
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Band, Comparability, NotCounted, ScoreReason, ScoreStatus, SourceKind
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import Evidence, ItemEvidence
from radiomics_tasks.analysis.trust.pseudoprogression.model import Item, default_model
from radiomics_tasks.analysis.trust.pseudoprogression.score import displayed, pseudoprogression_score
from radiomics_tasks.analysis.trust.pseudoprogression.weighing import estimate, expit, logit, weighed_items
from radiomics_tasks.errors import Refusal

MODEL = default_model()
ITEMS = {item.name: item for item in MODEL.items}


def values(item: Item) -> st.SearchStrategy[float]:
    if item.transform.kind == "code":
        return st.sampled_from(item.transform.values)
    low, high = item.transform.allowed
    return st.floats(low, high)


def item_evidence(item: Item) -> st.SearchStrategy[ItemEvidence]:
    age = st.one_of(st.none(), st.integers(-5, 30))
    return st.builds(ItemEvidence, values(item), age, st.floats(0, 0.5))


evidence = st.builds(
    Evidence,
    state=st.sampled_from([ResponseCategory.IUPD, ResponseCategory.IUPD, ResponseCategory.ISD, None]),
    is_on_checkpoint_inhibitor=st.sampled_from([True, True, True, False]),
    tumour=st.sampled_from([*MODEL.priors, "", "sarcoma"]),
    drivers=st.sets(st.sampled_from(["T", "NT", "NL"])).map(lambda drivers: tuple(sorted(drivers))),
    clinical=st.sampled_from(ClinicalStatus),
    items=st.fixed_dictionaries({}, optional={name: item_evidence(item) for name, item in ITEMS.items()}),
    earlier_response=st.sampled_from([None, None, ResponseCategory.ISD, ResponseCategory.IPR]),
    comparability=st.sampled_from(Comparability),
    is_evidence_only=st.booleans(),
)


def source(text: str) -> Source:
    return Source(text, SourceKind.LAB)


def open_iupd(**changes: Any) -> Evidence:
    """A melanoma under a checkpoint inhibitor, clinically stable, with growth and a fresh blood value."""
    items = {"volume_ratio": ItemEvidence(1.9), "ldh": ItemEvidence(1.0, age_days=2, sources=(source("lab 7"),))}
    usual = Evidence(
        ResponseCategory.IUPD,
        is_on_checkpoint_inhibitor=True,
        tumour="melanoma",
        drivers=("T",),
        clinical=ClinicalStatus.STABLE,
        items=items,
    )
    return replace(usual, **changes)


@settings(max_examples=400, deadline=None)
@given(evidence)
def test_an_abstention_never_carries_a_number(asked: Evidence):
    score = pseudoprogression_score(asked)
    assert score.required_sentences == MODEL.required_sentences
    assert (score.model_id, score.model_version, score.model_digest) == ("psp-default", "0.2.0", MODEL.digest)
    is_estimate = score.status is ScoreStatus.OK
    assert (score.probability is not None) == (score.band is not None) == is_estimate == (score.reasons == ())
    has_interval = score.status in (ScoreStatus.OK, ScoreStatus.INDETERMINATE)
    assert (score.low is not None) == (score.high is not None) == has_interval
    if score.status in (ScoreStatus.NOT_APPLICABLE, ScoreStatus.UNFAVOURABLE_CLINICAL):
        assert (score.prior, score.contributions, score.domains, score.left_out) == (None, (), (), ())


@settings(max_examples=400, deadline=None)
@given(evidence)
def test_contributions_and_caps_sum_to_the_change_of_the_log_odds(asked: Evidence):
    weighed = weighed_items(asked, MODEL)
    found = estimate(weighed, asked.tumour, MODEL)
    whole = sum(one.log_odds for one in weighed.contributions) + sum(one.cut_log_odds for one in weighed.domains)
    assert whole == pytest.approx(found.log_odds - logit(found.prior), abs=1e-12)
    assert all(abs(one.log_odds) <= MODEL.kappa * MODEL.caps[one.domain] + 1e-12 for one in weighed.domains)
    assert found.low < found.probability < found.high
    score = pseudoprogression_score(asked)
    if score.probability is not None:
        assert whole == pytest.approx(logit(score.probability) - logit(found.prior), abs=1e-9)


@settings(max_examples=400, deadline=None)
@given(evidence, st.data())
def test_the_estimate_is_monotone_in_each_counted_item(asked: Evidence, data: st.DataObject):
    item = data.draw(st.sampled_from([item for item in MODEL.items if item.is_counted]))
    small, large = sorted(data.draw(st.tuples(values(item), values(item))))

    def log_odds(value: float) -> float:
        items = {**asked.items, item.name: ItemEvidence(value)}
        return estimate(weighed_items(replace(asked, items=items), MODEL), asked.tumour, MODEL).log_odds

    # Growth, new lesions and blood values lower the estimate; favourable ctDNA, early timing, slower growth raise it.
    sign = 1 if item.transform.kind == "code" and item.name != "new_lesions" else -1
    assert sign * log_odds(large) >= sign * log_odds(small) - 1e-12


@settings(max_examples=400, deadline=None)
@given(evidence)
def test_evidence_only_mode_never_raises_the_estimate(asked: Evidence):
    ordinary, only = (
        estimate(weighed_items(replace(asked, is_evidence_only=mode), MODEL), asked.tumour, MODEL)
        for mode in (False, True)
    )
    assert only.log_odds <= ordinary.log_odds + 1e-12


@settings(max_examples=200, deadline=None)
@given(evidence, st.sampled_from(sorted(name for name, item in ITEMS.items() if not item.is_counted)), st.data())
def test_an_item_that_is_not_counted_changes_nothing(asked: Evidence, name: str, data: st.DataObject):
    without = replace(asked, items={key: one for key, one in asked.items.items() if key != name})
    told = replace(asked, items={**without.items, name: data.draw(item_evidence(ITEMS[name]))})
    before, after = pseudoprogression_score(without), pseudoprogression_score(told)
    assert replace(after, left_out=before.left_out) == before
    if after.prior is not None:
        assert (name, NotCounted.SWITCHED_OFF) in [(one.item, one.reason) for one in after.left_out]


def test_gates_decide_in_their_order():
    worst = {
        "state": ResponseCategory.ISD,
        "is_on_checkpoint_inhibitor": False,
        "earlier_response": ResponseCategory.ICR,
        "clinical": ClinicalStatus.WORSE,
    }
    asked = open_iupd(items={}, **worst)
    reasons = [pseudoprogression_score(asked).reason]
    repairs: dict[str, Any] = {
        "state": ResponseCategory.IUPD,
        "is_on_checkpoint_inhibitor": True,
        "earlier_response": None,
        "clinical": ClinicalStatus.UNKNOWN,
    }
    for name, better in repairs.items():
        asked = replace(asked, **{name: better})
        reasons.append(pseudoprogression_score(asked).reason)
    assert reasons == [
        ScoreReason.NO_OPEN_IUPD,
        ScoreReason.NOT_ON_ICI,
        ScoreReason.ACQUIRED_RESISTANCE,
        ScoreReason.CLINICAL_DETERIORATION,
        ScoreReason.CLINICAL_STATUS,
    ]


def test_everything_that_is_missing_is_named():
    score = pseudoprogression_score(open_iupd(clinical=ClinicalStatus.UNKNOWN, items={}))
    assert score.reasons == (ScoreReason.CLINICAL_STATUS, ScoreReason.BLOOD_OR_CTDNA, ScoreReason.KINETICS)
    assert score.missing == (
        "first_assessment", "volume_ratio", "tgr_ratio", "new_lesions", "ldh", "s100b", "nlr", "ctdna",
    )  # fmt: skip
    assert all(reason.label.endswith((".", "said.")) for reason in ScoreReason)


def test_an_improved_patient_counts_as_a_stable_one():
    better = pseudoprogression_score(open_iupd(clinical=ClinicalStatus.IMPROVED))
    assert better == pseudoprogression_score(open_iupd())


@pytest.mark.parametrize(
    ("age", "reason"), [(14, None), (15, NotCounted.TOO_OLD), (0, None), (-1, NotCounted.AFTER_SCAN)]
)
def test_a_laboratory_value_counts_while_it_is_fresh(age: int, reason: NotCounted | None):
    items = {"volume_ratio": ItemEvidence(1.9, age_days=99), "ldh": ItemEvidence(1.0, age_days=age)}
    score = pseudoprogression_score(open_iupd(items=items))
    assert [(one.item, one.reason) for one in score.left_out] == ([("ldh", reason)] if reason else [])
    assert (score.status is ScoreStatus.OK) == (reason is None)


def test_a_contribution_shows_where_it_comes_from():
    items = {**open_iupd().items, "ctdna": ItemEvidence(-1, age_days=3, sources=(source("lab 8"),))}
    score = pseudoprogression_score(open_iupd(items=items))
    ctdna = score.contributions[-1]
    assert (ctdna.grade, ctdna.sources, ctdna.age_days) == ("B", (source("lab 8"),), 3)
    assert (ctdna.published_ratio, ctdna.used_ratio) == ((0.057, 0.004, 0.85), 0.48)
    assert score.by_weight[0] is ctdna
    neutral = pseudoprogression_score(open_iupd(items={**items, "ctdna": ItemEvidence(0)})).contributions[-1]
    assert (neutral.published_ratio, neutral.used_ratio) == (None, None)


def test_in_evidence_only_mode_expert_weights_are_marked():
    items = {**open_iupd().items, "new_lesions": ItemEvidence(1)}
    score = pseudoprogression_score(open_iupd(items=items, is_evidence_only=True))
    assert {one.item for one in score.contributions if one.is_expert} == {"new_lesions"}


def test_the_prior_is_that_of_the_tumour():
    priors = {tumour: pseudoprogression_score(open_iupd(tumour=tumour)).prior for tumour in ("rcc", "", "sarcoma")}
    assert priors == {"rcc": 0.12, "": 0.15, "sarcoma": 0.10}


def test_warnings_of_the_scans_stand_beside_the_number():
    score = pseudoprogression_score(open_iupd(comparability=Comparability.WARN, warnings=("A small lesion.",)))
    assert score.status is ScoreStatus.OK
    assert score.warnings == (
        "The scans on which the growth of the targets was measured differ: compare with care.",
        "A small lesion.",
    )


@pytest.mark.parametrize("level", [level for level in Comparability if level is not Comparability.OK])
def test_every_level_but_the_first_is_told_in_a_sentence_of_its_own(level):
    (told,) = pseudoprogression_score(open_iupd(comparability=level)).warnings
    assert told.startswith("The scans on which the growth of the targets was measured") and told.endswith(".")
    assert ("not comparable" in told) == level.hides_size


def test_the_display_clips_point_and_limits_together_and_the_stored_score_not_at_all():
    score = replace(pseudoprogression_score(open_iupd()), probability=0.95, low=0.004, high=0.99)
    assert displayed(score) == (0.9, 0.02, 0.9)
    assert displayed(pseudoprogression_score(open_iupd(items={}))) == (None, None, None)
    assert score.probability == 0.95


def test_both_doubts_are_named_and_the_conflict_decides():
    items = {"volume_ratio": ItemEvidence(1.0), "ctdna": ItemEvidence(-1), "nlr": ItemEvidence(1.0)}
    items |= {"ldh": ItemEvidence(0.5), "s100b": ItemEvidence(0.5), "first_assessment": ItemEvidence(1)}
    score = pseudoprogression_score(open_iupd(items=items))
    assert score.reasons == (ScoreReason.CONFLICTING_CTDNA, ScoreReason.WIDE_INTERVAL)


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ({"crp": 1.0}, "The model has no item crp."),
        ({"clinical": 1.0}, "The model has no item clinical."),
        ({"ctdna": 0.3}, "ctdna must be one of -1, 0, 1."),
        ({"ldh": 0.0}, "ldh must lie between 0.05 and 200 (times the upper limit of normal)."),
        ({"nlr": float("nan")}, "nlr must lie between 0.01 and 500 (ratio of counts)."),
        ({"volume_ratio": float("inf")}, "volume_ratio must lie between 0.001 and 1000 (ratio of volumes)."),
    ],
)
def test_a_value_that_is_no_value_is_refused(items: dict[str, float], sentence: str):
    with pytest.raises(Refusal) as refused:
        pseudoprogression_score(open_iupd(items={name: ItemEvidence(value) for name, value in items.items()}))
    assert refused.value.code == "E_SCORE_INPUT"
    assert refused.value.sentence.startswith(sentence)


def test_bands_are_relative_to_the_patient_s_own_prior():
    items = {**open_iupd().items, "ctdna": ItemEvidence(1), "nlr": ItemEvidence(2.0)}
    above = pseudoprogression_score(open_iupd(items=items))
    assert (above.band, above.low > above.prior) == (Band.ABOVE, True)
    assert expit(logit(0.2)) == pytest.approx(0.2)
