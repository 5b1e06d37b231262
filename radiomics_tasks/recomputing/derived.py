"""Numbers that were derived from stored ones, once more from their stored inputs and model; no file is opened."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from django.conf import settings

from patients.concluded.hosted_findings import HostedOutput
from patients.models import HarmonisationModel, HarmonisedValues, HostedModel, ModelOutput, PseudoprogressionScore
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.registry import model_of_digest
from patients.words.hosted_words import HostedStatus
from patients.words.recompute_words import Recomputed
from patients.writes.plain import plain
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.harmonisation.frozen import FrozenModel
from radiomics_tasks.analysis.trust.hosted.hosting import hosted_outputs
from radiomics_tasks.analysis.trust.hosted.output import ABSENT, Given, hosted_output
from radiomics_tasks.analysis.trust.hosted.replay import read_hosted
from radiomics_tasks.analysis.trust.pseudoprogression.replay import read_model, stored_evidence
from radiomics_tasks.analysis.trust.pseudoprogression.score import pseudoprogression_score
from radiomics_tasks.errors import Refusal
from radiomics_tasks.footing import standing_grounds
from radiomics_tasks.harmonising import derived
from radiomics_tasks.recomputing.bits import Difference, as_kept, differences
from radiomics_tasks.recomputing.snapshots import Again


def score_again(row: PseudoprogressionScore) -> Again:
    """One pseudoprogression score from the inputs and by the model that it was given with."""
    known = model_of_digest(row.model_digest)
    if known is None:
        return _changed("model", f"{row.model_id} {row.model_version}", row.model_digest, "nothing")
    try:
        model = read_model(known.text)
        if model.digest != row.model_digest:
            return _changed("model", f"{row.model_id} {row.model_version}", row.model_digest, model.digest)
        evidence = stored_evidence(row.inputs)
        now = as_kept(plain(asdict(pseudoprogression_score(evidence, model))))
        without = replace(evidence, is_evidence_only=True)
        bare = as_kept(plain(asdict(pseudoprogression_score(without, model))))
    except (Refusal, KeyError, ValueError, TypeError) as error:
        return _unreadable("inputs of the score", error)
    found = [*differences("score", "as given", _without_words(row.score), _without_words(now))]
    found += differences("score", "probability", row.probability, now["probability"])
    if row.evidence_only is not None:
        found += differences("score", "without expert weights", _without_words(row.evidence_only), _without_words(bare))
    return _answer(found, "The same digits: probability, interval and every contribution, from the stored inputs.")


def _without_words(score: Mapping[str, Any]) -> dict[str, Any]:
    """A score without its warnings: sentences that are worded better since are no other digits."""
    return {name: value for name, value in score.items() if name != "warnings"}


def harmonised_again(row: HarmonisedValues) -> Again:
    """One snapshot's harmonised values from the raw ones, under the frozen parameters."""
    model: HarmonisationModel = row.model
    try:
        frozen = FrozenModel.parse(json.loads(model.parameters))
    except (KeyError, ValueError, TypeError) as error:
        return _unreadable("parameters of the harmonisation", error)
    if frozen.digest != model.digest:
        return _changed("harmonisation", str(model), model.digest, frozen.digest)
    outline = row.snapshot.segmentation
    again = {one.snapshot_id: one for one in derived(model, [outline.scan.patient_id])}.get(row.snapshot_id)
    if again is None:
        said = (
            "Its outline was replaced, unlinked or extracted anew since: there is nothing to derive it from any more."
        )
        return Again(Recomputed.INPUTS_CHANGED, said)
    names = row.snapshot.feature_set.names
    found = [
        *differences("harmonised", "value", list(row.values), list(again.values), names),
        *differences("harmonised", "reason", list(row.reasons), list(again.reasons), names),
        *differences("harmonised", "notes", list(row.notes), list(again.notes)),
    ]
    return _answer(found, f"The same digits in all {len(names):,} values, under {model}.")


def output_again(row: ModelOutput) -> Again:
    """One hosted model's answer: from the inputs that it names, and where it is in force from today's rows as well."""
    known: HostedModel = row.model
    try:
        model = read_hosted(known.text)
    except Refusal as refusal:
        return _unreadable("model", refusal)
    if model.digest != known.digest:
        return _changed("model", str(known), known.digest, model.digest)
    found: list[Difference] = []
    if row.status == HostedStatus.OK:
        given = {part["key"]: _given(part, model.profile_digest) for part in row.said["contributions"]}
        found += _said_differs(row, hosted_output(model, given, row.timepoint_id, row.lesion_id))
    found += differences("answer", "value", row.value, row.said["value"])
    if row.superseded_at is None and not found:
        protocol = Protocol().with_settings(settings.RESPONSE_PROTOCOL)
        timeline = patient_timeline(row.patient_id, with_facts=True)
        findings = conclude(timeline, protocol, standing_grounds(row.patient_id))
        now = next(
            (
                one
                for one in hosted_outputs(timeline, findings.deltas, [model], findings.comparisons)
                if (one.timepoint_pk, one.lesion_pk) == (row.timepoint_id, row.lesion_id)
            ),
            None,
        )
        if now is None:
            return Again(
                Recomputed.INPUTS_CHANGED, "Nothing is outlined at this visit any more that it could be said of."
            )
        found += _said_differs(row, now)
    return _answer(found, "The same digits: value, link and every term.")


def _given(part: Mapping[str, Any], profile_digest: str) -> Given:
    if part["is_imputed"]:
        return ABSENT
    return Given(part["value"], part["unit"], profile_digest, source=part["source"])


def _said_differs(row: ModelOutput, now: HostedOutput) -> Iterator[Difference]:
    return differences("answer", str(row.model), row.said, as_kept(json.loads(json.dumps(asdict(now)))))


def _answer(found: list[Difference], same: str) -> Again:
    if not found:
        return Again(Recomputed.SAME, same)
    more = f" {len(found) - 1:,} more differ." if len(found) > 1 else ""
    return Again(Recomputed.DIGITS_DIFFER, f"{found[0].sentence}.{more}", tuple(found))


def _changed(what: str, name: str, stored: str, now: str) -> Again:
    one = Difference(what, name, stored, now)
    return Again(Recomputed.INPUTS_CHANGED, f"{one.sentence}.", (one,))


def _unreadable(what: str, error: Exception) -> Again:
    return Again(Recomputed.INPUTS_CHANGED, f"The stored {what} cannot be read any more: {error}.")
