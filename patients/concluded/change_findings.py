"""What was concluded about change and its noise: bands, verdicts, growth, a whole patient. Frozen, no Django."""

from dataclasses import dataclass

from patients.vocabulary import Modality, Reference
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict, SizeClass, Undefined

Values = tuple[float | None, ...]

LARGEST_Q = 0.05


@dataclass(frozen=True, slots=True)
class BandKey:
    """What a band belongs to; an empty profile: a size, which no extraction profile touches."""

    feature: str
    modality: Modality
    profile_digest: str
    size_class: SizeClass


@dataclass(frozen=True, slots=True)
class BandPlace:
    """Where bands of many features stand together: lesions of one size class under one profile (empty: sizes)."""

    modality: Modality
    profile_digest: str
    size_class: SizeClass


@dataclass(frozen=True, slots=True)
class Band:
    """How much one feature differs between repeats of the same thing.

    `within_sd` (wSD) has the feature's unit, or is that of its natural logarithm where `is_log`; so have `mdc` (95 %
    minimal detectable change), `upper_mdc` (its upper 95 % limit) and `limit`, the one of the two that a change is
    held against. `degrees_of_freedom` is the number of pairs where repeats come in pairs, None where it was not
    published. `left_out` lesions had no two usable values.
    """

    key: BandKey
    source: NoiseSource
    is_log: bool
    within_sd: float
    mdc: float
    upper_mdc: float | None
    limit: float
    degrees_of_freedom: int | None = None
    lesions: int | None = None
    patients: int | None = None
    left_out: int = 0
    citation: str = ""


@dataclass(frozen=True, slots=True)
class DeltaNoise:
    """One Delta beside its bands, each tuple in the order of its feature set; None where there is no band or value.

    `change` is what was judged, a natural log-ratio where `is_log`, else the absolute change; `mdc`, `upper_mdc` and
    `limit` (what the change was held against) are on the same scale. `z` is change over sqrt(2) wSD, `p` the two-sided
    p of "no change"; beside a mere lower bound of noise there is no such p. `q` is p after Benjamini-Hochberg over
    every comparison made at this visit of this patient. `missing` says why there is no band. `is_without_volume`:
    what was judged is what is left of the change after what follows the lesion's volume. Sizes have no feature set.
    """

    lesion_pk: int
    timepoint_pk: int
    reference: Reference
    feature_set_pk: int | None
    is_log: tuple[bool, ...]
    change: Values
    z: Values
    p: Values
    q: Values
    mdc: Values
    upper_mdc: Values
    limit: Values
    verdicts: tuple[NoiseVerdict, ...]
    sources: tuple[NoiseSource | None, ...]
    missing: tuple[NoBand | None, ...]
    is_without_volume: tuple[bool, ...]

    @property
    def is_changed(self) -> tuple[bool, ...]:
        """Which features may be called changed: outside noise, and still so among all comparisons (q below 0.05)."""
        return tuple(
            verdict in (NoiseVerdict.OUTSIDE, NoiseVerdict.OUTSIDE_PUBLISHED) and q is not None and q < LARGEST_Q
            for verdict, q in zip(self.verdicts, self.q, strict=True)
        )


@dataclass(frozen=True, slots=True)
class PanelCount:
    """How many of the comparisons of a visit, made with bands of one kind, lie outside, and how many would by chance.

    Beside a lower bound of noise `expected` is a lower bound as well.
    """

    source: NoiseSource
    outside: int
    made: int
    expected: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A number derived from sizes or changes, or the reason why it is not there."""

    value: float | None
    absence: Undefined | None = None


@dataclass(frozen=True, slots=True)
class PatientAggregates:
    """One form of change of one feature over the lesions of a patient at one visit.

    Each number is on the scale of the change. Weights are baseline volumes; `largest` is the change of the lesion
    with the largest one. `largest_absolute` is the change that is largest in size, with its sign; `worst` the one
    furthest in the direction known to be worse. `lesions` have the change, `without_change` have not, `new`
    lesions have nothing to be compared with.
    """

    volume_weighted_mean: Derived
    mean: Derived
    largest: Derived
    largest_absolute: Derived
    worst: Derived
    deviation: Derived
    spread: Derived
    lesions: int
    without_change: int
    new: int
    # The lesions behind `largest`, `largest_absolute` and `worst`.
    largest_pk: int | None = None
    largest_absolute_pk: int | None = None
    worst_pk: int | None = None


@dataclass(frozen=True, slots=True)
class DissociatedResponse:
    """Whether lesions of one patient answer in opposite ways, and which; `is_present` is None with a reason."""

    is_present: bool | None
    absence: Undefined | None = None
    shrunk: tuple[int, ...] = ()
    grown: tuple[int, ...] = ()
    new: tuple[int, ...] = ()
