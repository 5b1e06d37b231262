"""What stands behind a visit's sums, calls and score, as groups of words for their card. No queries."""

from collections.abc import Iterable, Iterator

from monitoring.shown.numbers.number_card import Fact, Group
from monitoring.shown.trust.model_cards import item_name
from monitoring.templatetags.clinical import moment
from patients.findings import Response
from patients.reads.trusting.scores import ScoreKept


def response_groups(known: Iterable[Response]) -> Iterator[Group]:
    """Each call of a visit that a login may know: the rule that decided, its source, the sums it saw, the protocol."""
    for found in known:
        facts = [Fact("Category", found.category.label), Fact("Rule", found.rule)]
        facts += [Fact("Source", found.source)] if found.source else []
        sums = (("Sum", found.sum_mm), ("Baseline sum", found.baseline_sum_mm), ("Nadir sum", found.nadir_sum_mm))
        facts += [Fact(f"{name} (mm)", str(value), is_exact=True) for name, value in sums if value is not None]
        facts += [Fact("Because", reason) for reason in found.reasons[:1]]
        facts += [Fact("Protocol", found.protocol, is_exact=True)] if found.protocol else []
        yield Group(found.criterion.label, tuple(facts))


def score_group(kept: ScoreKept) -> Group:
    """A pseudoprogression score: model and digest, what it was given, when, and what replaced it."""
    score = kept.score
    facts = [
        Fact("Standing", score.status.label),
        Fact("Model", f"{score.model_id} {score.model_version}"),
        Fact("Model digest", score.model_digest, is_exact=True),
        Fact("Inputs digest", kept.inputs_digest, is_exact=True),
        Fact("Given", moment(kept.given_at)),
    ]
    if score.probability is not None:
        facts.insert(1, Fact("Probability", f"{score.probability!r} ({score.low!r} to {score.high!r})", is_exact=True))
    if kept.superseded_at is not None:
        facts.append(Fact("Superseded", moment(kept.superseded_at)))
    facts += [Fact(item_name(part.item), f"{part.value!r}: {part.log_odds!r} log-odds") for part in score.by_weight]
    return Group("Pseudoprogression score", tuple(facts))
