"""One term of a model of coefficients: where its value comes from, its unit and ranges, and what is done to it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from patients.feature_names import FeatureName
from patients.labs.words import Analyte
from patients.vocabulary import Organ, Reference, Unit
from patients.words.hosted_words import Source, Transform
from radiomics_tasks.analysis.change.semantics import UNKNOWN, semantics
from radiomics_tasks.analysis.trust.hosted.fields import Fields, interval, number, only, refuse, text, whole, word

ONE = "1"
SIZES = {"longest_diameter_mm": "mm", "short_axis_mm": "mm", "volume_ml": "mL"}
FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")
SIZE_FORMS = FORMS[:3]
ANALYTES = tuple(analyte.value for analyte in Analyte if analyte is not Analyte.OTHER)
LAB_UNITS = frozenset(
    {"xULN", ONE, "ratio", "%", "U/L", "ukat/L", "ug/L", "ng/mL", "ng/L", "pg/mL", "mg/L", "mg/dL", "g/L", "g/dL"}
    | {"10^9/L", "mut/Mb", "copies/mL", "VAF %"}
)
IMAGE_TYPES = re.compile(
    r"original|square|squareroot|logarithm|exponential|gradient|lbp-2D|lbp-3D-(m1|m2|k)"
    r"|wavelet-[LH]{3}|log-sigma-\d+-\d+-mm-3D"
)
FIELDS = ("feature", "source", "unit", "center", "scale", "transform", "beta", "range", "training")
OF_CHANGES = ("form", "reference")
OF_LABS = ("max_age_days",)


@dataclass(frozen=True, slots=True)
class Term:
    """One term: beta times (transform(value) - center) / scale.

    `allowed` is the range that a value may have at all, `training` its 0.5th and 99.5th percentile in the training
    data; both are of the value itself, in `unit`. `form` and `reference` are there for changes only.
    """

    source: Source
    feature: str
    unit: str
    transform: Transform
    center: float
    scale: float
    beta: float
    allowed: tuple[float, float]
    training: tuple[float, float]
    form: str = ""
    reference: Reference | None = None
    oldest_days: int | None = None

    @property
    def key(self) -> str:
        """The name of its value in reference pairs and rules for what is missing.

        >>> t = Term(Source.LAB, "LDH", "U/L", Transform.LOG2, 0.0, 1.0, 1.0, (0.0, 1.0), (0.0, 1.0))
        >>> t.key
        'lab LDH'
        """
        before = "" if self.source in (Source.SNAPSHOT, Source.DELTA) else f"{self.source.value.split('_')[0]} "
        after = f" {self.form} {self.reference.value}" if self.reference else ""
        return f"{before}{self.feature}{after}"

    def x(self, value: float) -> float:
        """The transformed, centred and scaled value; not finite where the transform is not defined.

        >>> Term(Source.LAB, "LDH", "U/L", Transform.LOG2, 1.0, 2.0, 1.0, (0.0, 1.0), (0.0, 1.0)).x(8.0)
        1.0
        """
        return (transformed(self.transform, value) - self.center) / self.scale


def transformed(transform: Transform, value: float) -> float:
    """A value after its transform, NaN where that is not defined for it.

    >>> transformed(Transform.LOG1P, 0.0), transformed(Transform.SQRT, 9.0), transformed(Transform.LOG, 0.0)
    (0.0, 3.0, nan)
    """
    if transform is Transform.IDENTITY:
        return value
    least = {Transform.LOG: 0.0, Transform.LOG2: 0.0, Transform.LOG1P: -1.0}
    if transform is Transform.SQRT:
        return math.sqrt(value) if value >= 0 else math.nan
    if value <= least[transform]:
        return math.nan
    return {Transform.LOG: math.log, Transform.LOG2: math.log2, Transform.LOG1P: math.log1p}[transform](value)


def read_term(place: int, fields: object) -> Term:
    """One term of a model's file; Refusal E_MODEL with the sentence that mends it."""
    where = f"Term {place}"
    if not isinstance(fields, dict):
        refuse(f"{where} must be an object.")
    source = word(Source, fields, "source", where)
    is_change = source in (Source.DELTA, Source.SIZE_DELTA)
    only(fields, FIELDS + (OF_CHANGES if is_change else ()) + (OF_LABS if source is Source.LAB else ()), where)
    feature = text(fields, "feature", where, 120)
    form, reference = _change(source, fields, where) if is_change else ("", None)
    _check_feature(source, feature, where)
    unit = text(fields, "unit", where, 24)
    _check_unit(unit, units_of(source, feature, form), where)
    scale = number(fields, "scale", where)
    if scale == 0:
        refuse(f"{where}: scale must not be 0.")
    term = Term(
        source=source,
        feature=feature,
        unit=unit,
        transform=word(Transform, fields, "transform", where),
        center=number(fields, "center", where),
        scale=scale,
        beta=number(fields, "beta", where),
        allowed=interval(fields, "range", where),
        training=interval(fields, "training", where),
        form=form,
        reference=reference,
        oldest_days=whole(fields, "max_age_days", where) if source is Source.LAB else None,
    )
    _check_ranges(term, where)
    return term


def _change(source: Source, fields: Fields, where: str) -> tuple[str, Reference]:
    form = text(fields, "form", where, 40)
    forms = FORMS if source is Source.DELTA else SIZE_FORMS
    if form not in forms:
        refuse(f"{where}: form must be one of {', '.join(forms)}.")
    return form, word(Reference, fields, "reference", where)


def _check_feature(source: Source, feature: str, where: str) -> None:
    if source in (Source.SNAPSHOT, Source.DELTA):
        if not is_known_feature(feature):
            shown = feature if feature.isprintable() else "something"
            refuse(
                f"{where} asks for {shown}, which is no feature known here. Spell it as the exports do, for instance "
                "original_glcm_JointEntropy."
            )
        return
    known: Sequence[str] = SIZES if source in (Source.SIZE, Source.SIZE_DELTA) else ANALYTES  # type: ignore[assignment]  # names
    known = list(Organ) if source is Source.ORGAN else known
    if feature not in known:
        refuse(f"{where}: the feature of a term from {source.value} must be one of {', '.join(known)}.")


def is_known_feature(name: str) -> bool:
    """Whether a feature is one that this site can have, by its image type, class and quantity.

    >>> is_known_feature("original_glcm_JointEntropy"), is_known_feature("original_glcm_Entropie")
    (True, False)
    >>> is_known_feature("wavelet-LLH_glcm_Idm"), is_known_feature("wavelet-LLH_shape_Sphericity")
    (True, False)
    """
    if semantics(name) is UNKNOWN:
        return False
    parsed = FeatureName.parse(name)
    is_shape_of_a_filter = parsed.feature_class.startswith("shape") and parsed.image_type != "original"
    return IMAGE_TYPES.fullmatch(parsed.image_type) is not None and not is_shape_of_a_filter


def units_of(source: Source, feature: str, form: str) -> frozenset[str]:
    """The units that the value of a term may have.

    >>> sorted(units_of(Source.DELTA, "original_glcm_Idm", "log_ratio")), sorted(units_of(Source.SIZE, "volume_ml", ""))
    (['1'], ['mL'])
    """
    if source is Source.LAB:
        return LAB_UNITS
    if source is Source.ORGAN or form.endswith("_ratio"):
        return frozenset({ONE})
    if source in (Source.SIZE, Source.SIZE_DELTA):
        return frozenset({SIZES[feature]})
    units = {feature_unit(feature, unit.value) for unit in Unit}
    return frozenset(f"{unit}/month" for unit in units) if form == "velocity_per_month" else frozenset(units)


def feature_unit(feature: str, voxel_unit: str) -> str:
    """The unit of a feature; 1 where it has none.

    >>> feature_unit("original_firstorder_Mean", "HU"), feature_unit("original_glcm_Idm", "HU")
    ('HU', '1')
    """
    return FeatureName.parse(feature).unit(voxel_unit) or ONE


def _check_unit(unit: str, known: frozenset[str], where: str) -> None:
    if unit not in known:
        refuse(f"{where}: the unit {unit} is not known for it. It must be one of {', '.join(sorted(known))}.")


def _check_ranges(term: Term, where: str) -> None:
    low, high = term.training
    if not (term.allowed[0] <= low and high <= term.allowed[1]):
        refuse(f"{where}: training (0.5th to 99.5th percentile) must lie within range.")
    if not all(math.isfinite(term.x(limit)) for limit in term.allowed):
        refuse(f"{where}: {term.transform.value} is not defined in all of its range. Narrow the range.")
