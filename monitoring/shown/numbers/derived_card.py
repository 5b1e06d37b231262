"""What stands behind a ring's, a harmonised and a hosted model's number, as groups of words. No queries."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.shown.numbers.number_card import (
    Fact,
    Group,
    NamedNumber,
    engine_group,
    feature_of,
    image_group,
)
from monitoring.shown.numbers.number_visit import score_group
from monitoring.templatetags.clinical import day, moment, words
from patients.concluded.hosted_findings import HostedOutput
from patients.models import FeatureSnapshot, HarmonisedValues, ModelOutput
from patients.reads.trusting.scores import ScoreKept
from patients.words.harmonisation_words import HarmonisedNote, NotHarmonised
from patients.words.regions import Region


@dataclass(frozen=True, slots=True)
class DerivedCard:
    """One derived number: its title and place, the number or the reason why there is none, and what is behind it.

    `made_from` completes "computed again from ...". `sentences` must stand beside the number.
    """

    number: NamedNumber
    of: str
    made_from: str
    groups: tuple[Group, ...]
    sentences: tuple[str, ...] = ()


def ring_card(snapshot: FeatureSnapshot, feature: str, *, is_damaged: bool) -> DerivedCard:
    """One feature of a ring of tissue around a lesion."""
    outline, ring = snapshot.segmentation, snapshot.provenance.get("ring", {})
    shape = [
        Fact(words(name), str(value), is_exact=name == "context")
        for name, value in ring.items()
        if not isinstance(value, dict | list)
    ]
    return DerivedCard(
        feature_of(outline, feature, snapshot, is_damaged=is_damaged),
        f"{_lesion(snapshot)}, {Region(snapshot.region).label}",
        "the stored scan, the outline and those of the lesions around",
        (Group("Ring", tuple(shape)), image_group(outline), engine_group(snapshot)),
    )


def harmonised_card(row: HarmonisedValues, feature: str, *, is_damaged: bool) -> DerivedCard:
    """One feature of a lesion as the harmonisation derived it, beside the raw value in full."""
    raw = feature_of(row.snapshot.segmentation, feature, row.snapshot, is_damaged=is_damaged)
    place, model = row.snapshot.feature_set.names.index(feature), row.model
    reason = row.reasons[place]
    number = NamedNumber(feature, raw.label, raw.unit, row.values[place], NotHarmonised(reason).label if reason else "")
    if is_damaged:
        number = raw
    facts = [
        Fact("Raw value", raw.reason if raw.value is None else repr(raw.value), is_exact=raw.value is not None),
        Fact("Model", f"ComBat, version {model.version} of {model.profile}, {model.get_status_display().lower()}"),
        Fact("Model digest", model.digest, is_exact=True),
        Fact("Fitted", moment(model.fitted_at)),
        Fact("Snapshot", str(row.snapshot_id), is_exact=True),
    ]
    facts += [Fact("Note", HarmonisedNote(note).label) for note in row.notes]
    return DerivedCard(
        number,
        f"{_lesion(row.snapshot)}, harmonised",
        "the raw values and the frozen parameters",
        (Group("Harmonisation", tuple(facts)), image_group(row.snapshot.segmentation), engine_group(row.snapshot)),
        ("For analyses of a cohort; no cure for a change between scans that cannot be compared.",),
    )


def score_card(kept: ScoreKept, seen: str) -> DerivedCard:
    """A pseudoprogression score with everything that it was given."""
    score = kept.score
    reasons = "; ".join(reason.label for reason in score.reasons)
    number = NamedNumber("score", "Pseudoprogression score", "", score.probability, reasons)
    return DerivedCard(number, seen, "its stored inputs and the model", (score_group(kept),), score.required_sentences)


def output_card(row: ModelOutput, output: HostedOutput, of: str) -> DerivedCard:
    """What a hosted model said, term by term."""
    reasons = " ".join(why.sentence for why in output.reasons)
    number = NamedNumber("output", output.title, output.unit, output.value, reasons)
    return DerivedCard(
        number, of, "its stored inputs and the model", (Group("Model", tuple(_model(row, output))),), output.sentences
    )


def _model(row: ModelOutput, output: HostedOutput) -> Iterator[Fact]:
    yield Fact("Model", f"{output.model_id} {output.model_version}")
    yield Fact("Model digest", output.model_digest, is_exact=True)
    yield Fact("Validation", output.tier.label)
    yield Fact("Said", moment(row.created_at))
    if row.superseded_at:
        yield Fact("Superseded", moment(row.superseded_at))
    yield Fact("Digest of the answer", row.said_digest, is_exact=True)
    if output.link is not None:
        yield Fact("Link", repr(output.link), is_exact=True)
        yield Fact("Intercept", repr(output.intercept), is_exact=True)
    for part in output.by_weight:
        source = "imputed by the model" if part.is_imputed else part.source
        unit = "" if part.unit == "1" else f" {part.unit}"
        yield Fact(part.key, f"{part.value!r}{unit}: {part.link!r}{f', {source}' if source else ''}", is_exact=True)


def _lesion(snapshot: FeatureSnapshot) -> str:
    outline = snapshot.segmentation
    name = outline.lesion.tracking_id if outline.lesion else "an outline"
    return f"{name}, {outline.scan.get_modality_display()} of {day(outline.scan.acquired_on)}"
