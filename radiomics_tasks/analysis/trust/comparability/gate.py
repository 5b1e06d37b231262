"""May these two scans be compared, and what keeps them from it: every rule asked, none decided by hand."""

from collections.abc import Sequence

from patients.concluded.trust_findings import PairComparability, RuleHit
from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.comparability.measures import Check
from radiomics_tasks.analysis.trust.comparability.quantities import Wording, numbers_of, shown, word_of
from radiomics_tasks.analysis.trust.comparability.rules import AcquisitionRules, Rule, default_rules
from radiomics_tasks.analysis.trust.comparability.scan_facts import Probes, ScanFacts

PROBE_CODE = "CONTRAST_PHASE"


def pair_comparability(then: ScanFacts, now: ScanFacts, rules: AcquisitionRules | None = None) -> PairComparability:
    """How far two scans may be compared: the highest level of all rules that they meet.

    What only one scan tells, or neither, is a finding of its own: a warning for what is critical, a note for the
    rest. The answer does not depend on which scan comes first; only the order of the two values does.

    Parameters
    ----------
    then, now : the earlier and the later scan, with a lesion's outline on both where one is compared.
    rules : a site's own version; by default the one that comes with the project.

    Examples
    --------
    >>> tags = {"RescaleSlope": 1.0, "RescaleIntercept": -1024.0}
    >>> thin, thick = (ScanFacts(modality="CT", acquisition={**tags, "SliceThickness": mm}) for mm in (1.25, 5.0))
    >>> found = pair_comparability(thin, thick)
    >>> found.level
    <Comparability.BLOCK_TEXTURE: 'BLOCK_TEXTURE'>
    >>> found.sentence
    'Slices are at least twice as thick: 1.25 mm in the earlier scan, 5 mm in the later one.'
    """
    table = rules or default_rules()
    hits: list[RuleHit] = []
    unseen: list[str] = []
    for rule in table.rules:
        if not _is_about(rule, then, now, table.wording):
            continue
        found = _met(rule, then, now, table.wording)
        if found is None:
            unseen.append(rule.label)
        hits += _silent(rule, then, now, table.wording) if found is None else found
    hits.sort(key=lambda hit: -hit.level.severity)
    return PairComparability(
        level=hits[0].level if hits else Comparability.OK,
        hits=tuple(hits),
        unseen=(*unseen, *table.never_seen),
        rules_id=table.rules_id,
        rules_version=table.version,
        rules_digest=table.digest,
    )


def contrast_phase_hits(then: Probes, now: Probes, rules: AcquisitionRules | None = None) -> tuple[RuleHit, ...] | None:
    """Whether the mean HU of aorta or liver betray two contrast phases; None where neither is known of both scans.

    Examples
    --------
    >>> arterial, portal = Probes(aorta_hu=310.0, liver_hu=70.0), Probes(aorta_hu=160.0, liver_hu=110.0)
    >>> [hit.level.value for hit in contrast_phase_hits(arterial, portal)]
    ['BLOCK_TEXTURE', 'BLOCK_TEXTURE']
    >>> contrast_phase_hits(portal, Probes(aorta_hu=150.0))
    ()
    """
    table = rules or default_rules()
    rule = next(rule for rule in table.rules if rule.code == PROBE_CODE)
    earlier, later = ScanFacts(modality="CT", probes=then), ScanFacts(modality="CT", probes=now)
    found = _met(rule, earlier, later, table.wording)
    return None if found is None else tuple(found)


def _is_about(rule: Rule, then: ScanFacts, now: ScanFacts, wording: Wording) -> bool:
    if "*" not in rule.applies_to and not {then.modality, now.modality} <= rule.applies_to:
        return False
    if rule.needs_outline and (then.outline is None or now.outline is None):
        return False
    words = [word_of(side, key, wording) == word for key, word in rule.unless_both for side in (then, now)]
    return not words or not all(words)


def _met(rule: Rule, then: ScanFacts, now: ScanFacts, wording: Wording) -> list[RuleHit] | None:
    """What a rule finds, of one measure of one quantity only the worst; None where it could ask nothing."""
    answers = [(check, check.is_met(then, now, wording)) for check in rule.checks]
    if all(answer is None for _, answer in answers):
        return None
    worst: dict[tuple[str, str], Check] = {}
    for check, answer in answers:
        before = worst.get((check.measure, check.key))
        if answer and (before is None or check.level.severity > before.level.severity):
            worst[check.measure, check.key] = check
    return [_hit(rule, check, then, now, wording) for check in worst.values()]


def _hit(rule: Rule, check: Check, then: ScanFacts, now: ScanFacts, wording: Wording) -> RuleHit:
    values = [shown(side, check.key, wording, check.unit) for side in (then, now)]
    earlier, later = (value or "not recorded" for value in values)
    return RuleHit(
        code=rule.code,
        level=check.level,
        item=rule.item,
        tag=rule.tag,
        then=values[0],
        now=values[1],
        rule=rule.rule,
        sentence=f"{check.says}: {earlier} in the earlier scan, {later} in the later one.",
    )


def _silent(rule: Rule, then: ScanFacts, now: ScanFacts, wording: Wording) -> Sequence[RuleHit]:
    keys = [check.key for check in rule.checks]
    known = [any(shown(side, key, wording, "") for key in keys) for side in (then, now)]
    level = _silence_level(rule, then, now, is_both=not any(known))
    if level is Comparability.OK:
        return ()
    where = "either scan" if not any(known) else "the later scan" if known[0] else "the earlier scan"
    if all(known):
        where = "a form that can be compared"
    texts = [_told(side, rule, wording) for side in (then, now)]
    sentence = f"{rule.label[0].upper()}{rule.label[1:]}: not recorded in {where}."
    return (RuleHit(rule.code, level, rule.item, rule.tag, texts[0], texts[1], rule.rule, sentence, is_silent=True),)


def _told(side: ScanFacts, rule: Rule, wording: Wording) -> str | None:
    found = (shown(side, check.key, wording, check.unit) for check in rule.checks)
    return next((text for text in found if text), None)


def _silence_level(rule: Rule, then: ScanFacts, now: ScanFacts, *, is_both: bool) -> Comparability:
    if any(numbers_of(then, key) and numbers_of(now, key) for key in rule.silence_unless):
        return Comparability.OK
    if is_both and rule.silence_both is not None:
        return rule.silence_both
    organs = {side.outline.organ for side in (then, now) if side.outline and side.outline.organ}
    near = [level for organ, level in (rule.silence_near or {}).items() if organ in organs]
    return max([rule.silence, *near], key=lambda level: level.severity)
