"""What may be a target: measurability of a lesion at baseline, and the guard-rails of a baseline."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.reasons import rounded

ALL_NODES = "lymph nodes"
RADIOGRAPH_MM = Decimal(20)
THIN_SLICE_MM = Decimal(5)


class Measurability(StrEnum):
    """What RECIST 1.1 makes of one lesion at baseline; only a measurable one may be a target."""

    MEASURABLE = "MEASURABLE"
    NON_TARGET_ONLY = "NON_TARGET_ONLY"
    NORMAL = "NORMAL"
    NOT_DISEASE = "NOT_DISEASE"


class Seen(StrEnum):
    """What a lesion was measured on."""

    CROSS_SECTION = "CT or MR"
    CALLIPER = "calliper"
    RADIOGRAPH = "chest radiograph"


class Nature(StrEnum):
    """What kind of lesion it is, as far as measurability asks. UNBOUNDED: an effusion, ascites, leptomeningeal,
    lymphangitic or inflammatory disease, an enlarged organ."""

    SOLID = "SOLID"
    CYSTIC_METASTASIS = "CYSTIC_METASTASIS"
    SIMPLE_CYST = "SIMPLE_CYST"
    BONE_WITH_SOFT_TISSUE = "BONE_WITH_SOFT_TISSUE"
    BONE = "BONE"
    UNBOUNDED = "UNBOUNDED"


@dataclass(frozen=True, slots=True)
class BaselineLesion:
    """One lesion at baseline. `size_mm`: short axis of a node, longest diameter of anything else.

    `slice_thickness_mm` None: not known, taken as thin. `is_treated`: irradiated or treated locally before,
    without progression since.
    """

    key: str
    organ: str
    is_node: bool
    size_mm: Decimal | None
    slice_thickness_mm: Decimal | None = None
    seen: Seen = Seen.CROSS_SECTION
    nature: Nature = Nature.SOLID
    is_treated: bool = False


@dataclass(frozen=True, slots=True)
class RuleWarning:
    """A guard-rail that was touched: its code, a sentence for the reader, the rule behind it, the lesion if one."""

    code: str
    sentence: str
    rule: str
    lesion_key: str = ""


def least_target_mm(lesion: BaselineLesion, protocol: Protocol = STANDARD) -> Decimal:
    """The smallest size at which a lesion may be a target, in mm.

    Twice the slice thickness where slices are thicker than 5 mm.

    Examples
    --------
    >>> lung = BaselineLesion("lung 1", "LUNG", False, Decimal(14), slice_thickness_mm=Decimal("7.5"))
    >>> least_target_mm(lung)
    Decimal('15.0')
    """
    if lesion.seen is Seen.RADIOGRAPH:
        return RADIOGRAPH_MM
    least_mm = protocol.target_node_mm if lesion.is_node else protocol.target_mm
    thickness_mm = lesion.slice_thickness_mm or Decimal(0)
    is_thick = lesion.seen is Seen.CROSS_SECTION and thickness_mm > THIN_SLICE_MM
    return max(least_mm, 2 * thickness_mm) if is_thick else least_mm


def measurability(lesion: BaselineLesion, protocol: Protocol = STANDARD) -> Measurability:
    """Whether a lesion may be a target, only a non-target, or should not be recorded.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47, sections 3.1 and 3.2. Schwartz LH et al. Eur J Cancer
    2009;45:261-7 (lymph nodes).

    Examples
    --------
    >>> sizes = [Decimal("9.9"), Decimal(10), Decimal(15)]
    >>> [measurability(BaselineLesion("node 1", "LYMPH_NODE", True, size)).value for size in sizes]
    ['NORMAL', 'NON_TARGET_ONLY', 'MEASURABLE']
    """
    if lesion.nature is Nature.SIMPLE_CYST:
        return Measurability.NOT_DISEASE
    size_mm = lesion.size_mm
    if lesion.is_node and size_mm is not None and size_mm < protocol.normal_node_mm:
        return Measurability.NORMAL
    is_never = lesion.nature in {Nature.BONE, Nature.UNBOUNDED} or lesion.is_treated
    if is_never or size_mm is None or size_mm < least_target_mm(lesion, protocol):
        return Measurability.NON_TARGET_ONLY
    return Measurability.MEASURABLE


def target_warnings(lesion: BaselineLesion, protocol: Protocol = STANDARD) -> tuple[RuleWarning, ...]:
    """Why a lesion should not be a target, or that a better one may be found; nothing for a good target."""
    found = measurability(lesion, protocol)
    if found is Measurability.NOT_DISEASE:
        return (_warning(lesion, "NOT_DISEASE", "a simple cyst is no disease", "RECIST 1.1, section 3.1.1"),)
    if found is Measurability.NORMAL:
        shown = rounded(lesion.size_mm or Decimal(0), (protocol.normal_node_mm,))
        size = f"a node of {shown} mm short axis is normal (under {protocol.normal_node_mm} mm)"
        return (_warning(lesion, "NORMAL_NODE", size, "RECIST 1.1, section 3.1.1"),)
    if found is Measurability.NON_TARGET_ONLY:
        return (_not_measurable(lesion, protocol),)
    if lesion.nature is Nature.CYSTIC_METASTASIS:
        words = "a cystic metastasis may be a target, but a solid one is preferred"
        return (_warning(lesion, "CYSTIC_TARGET", words, "RECIST 1.1, section 3.1.1"),)
    return ()


def _not_measurable(lesion: BaselineLesion, protocol: Protocol) -> RuleWarning:
    rule = "RECIST 1.1, section 3.1.1"
    if lesion.nature is Nature.BONE:
        words = "a bone lesion without a soft-tissue part is never measurable"
        return _warning(lesion, "BONE_NOT_MEASURABLE", words, "RECIST 1.1, section 3.1.2")
    if lesion.nature is Nature.UNBOUNDED:
        words = "disease without a bound (effusion, ascites, lymphangitic and the like) is never measurable"
        return _warning(lesion, "NEVER_MEASURABLE", words, rule)
    if lesion.is_treated:
        words = "a lesion treated before counts as measurable only once it has progressed since"
        return _warning(lesion, "TREATED_BEFORE", words, "RECIST 1.1, section 3.1.2")
    if lesion.size_mm is None:
        return _warning(lesion, "TARGET_WITHOUT_SIZE", "a target needs a size at baseline", "RECIST 1.1, section 3.2")
    least_mm = least_target_mm(lesion, protocol)
    measure = "short axis" if lesion.is_node else "longest diameter"
    size = rounded(lesion.size_mm, (least_mm,))
    words = f"{measure} {size} mm; a target needs at least {least_mm} mm on {lesion.seen.value}"
    thin_mm = protocol.target_node_mm if lesion.is_node else protocol.target_mm
    is_thick = lesion.seen is Seen.CROSS_SECTION and least_mm > thin_mm
    if is_thick:
        words += f" with slices of {lesion.slice_thickness_mm} mm (twice the thickness)"
    return _warning(lesion, "THICK_SLICES" if is_thick else "TARGET_TOO_SMALL", words, rule)


def _warning(lesion: BaselineLesion, code: str, words: str, rule: str) -> RuleWarning:
    return RuleWarning(code, f"{lesion.key}: {words}.", rule, lesion.key)


def baseline_warnings(
    targets: Iterable[BaselineLesion],
    baseline_on: date,
    treatment_start: date | None,
    protocol: Protocol = STANDARD,
) -> tuple[RuleWarning, ...]:
    """Every guard-rail that the chosen targets and the date of the baseline touch.

    At most 5 targets and 2 in an organ; all lymph nodes are one organ, and so are paired organs. Baseline is
    at most 28 days before treatment, and never after its start.

    Examples
    --------
    >>> nodes = [BaselineLesion(f"node {n}", organ, True, Decimal(18)) for n, organ in enumerate(("A", "B", "C"))]
    >>> [warning.code for warning in baseline_warnings(nodes, date(2024, 1, 1), date(2024, 1, 30))]
    ['TOO_MANY_IN_ORGAN', 'BASELINE_TOO_EARLY']
    """
    chosen = tuple(targets)
    each = [warning for lesion in chosen for warning in target_warnings(lesion, protocol)]
    return (*each, *_too_many(chosen, protocol), *_ill_dated(baseline_on, treatment_start, protocol))


def _too_many(targets: tuple[BaselineLesion, ...], protocol: Protocol) -> Iterator[RuleWarning]:
    rule = "RECIST 1.1, section 3.2"
    if len(targets) > protocol.most_targets:
        yield RuleWarning("TOO_MANY_TARGETS", f"{len(targets)} targets; at most {protocol.most_targets}.", rule)
    organs = Counter(ALL_NODES if lesion.is_node else lesion.organ for lesion in targets)
    for organ, number in organs.items():
        if number > protocol.most_targets_an_organ:
            words = f"{number} targets in one organ ({organ}); at most {protocol.most_targets_an_organ}."
            yield RuleWarning("TOO_MANY_IN_ORGAN", words, rule)


def _ill_dated(baseline_on: date, treatment_start: date | None, protocol: Protocol) -> Iterator[RuleWarning]:
    if treatment_start is None:
        return
    days = (treatment_start - baseline_on).days
    rule = "RECIST 1.1, section 3.2"
    if days < 0:
        yield RuleWarning("BASELINE_AFTER_START", f"Baseline lies {-days} days after treatment began.", rule)
    if days > protocol.baseline_before_days:
        words = f"Baseline lies {days} days before treatment; at most {protocol.baseline_before_days}."
        yield RuleWarning("BASELINE_TOO_EARLY", words, rule)
