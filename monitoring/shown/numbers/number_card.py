"""What stands behind one number, as groups of words for its card: no queries, nothing rounded but the headline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitoring.templatetags.clinical import day, moment, words
from patients.feature_names import FeatureName
from patients.made_with import annotator_text, method_text
from patients.models import FeatureDelta, FeatureSnapshot, LesionPair, LesionReading, Measurement, Segmentation
from patients.reads.trusting.numbers import ChangeSeen
from patients.vocabulary import Absence, AlgorithmType, OutlineFormat
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict, SizeClass, in_words
from patients.words.trust_words import Comparability

SIZE_LABELS = {
    "longest_diameter_mm": ("Longest diameter", "mm"),
    "short_axis_mm": ("Short axis", "mm"),
    "volume_ml": ("Volume", "mL"),
}
FORMS = {
    "absolute": "Change",
    "relative_ratio": "as a fraction",
    "log_ratio": "natural log-ratio",
    "symmetric_ratio": "symmetric fraction",
    "velocity_per_month": "per 30.4375 days",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a card: its name, what it says, and whether it is a digest or digits to be copied."""

    name: str
    says: str
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines under a heading."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """Which number a card is about: a feature or size by its name, with its value or the reason why there is none."""

    name: str
    label: str
    unit: str
    value: float | None
    reason: str = ""


def size_of(outline: Segmentation, name: str, *, is_damaged: bool) -> NamedNumber:
    """A size of an outline; none is told that stands on damaged data."""
    measured: Measurement | None = getattr(outline, "measurement", None)
    label, unit = SIZE_LABELS[name]
    if measured is None:
        return NamedNumber(name, label, unit, None, Absence.WAITING.label)
    if is_damaged:
        return NamedNumber(name, label, unit, None, Absence.DAMAGED.label)
    return NamedNumber(
        name, label, unit, getattr(measured, name), Absence(measured.absence).label if measured.absence else ""
    )


def feature_of(outline: Segmentation, name: str, snapshot: FeatureSnapshot, *, is_damaged: bool) -> NamedNumber:
    """A feature of an outline; none is told that stands on damaged data."""
    parsed, place = FeatureName.parse(name), snapshot.feature_set.names.index(name)
    reason = Absence.DAMAGED if is_damaged else snapshot.reasons[place]
    return NamedNumber(
        name,
        parsed.label,
        parsed.unit(outline.scan.unit),
        None if is_damaged else snapshot.values[place],
        Absence(reason).label if reason else "",
    )


def image_group(outline: Segmentation) -> Group:
    """The scan and the outline, by their digests."""
    scan = outline.scan
    facts = [
        Fact(
            "Scan", f"{scan.get_modality_display()} of {day(scan.acquired_on)}, {scan.description or 'no description'}"
        ),
        Fact("Scan digest", scan.volume_digest, is_exact=True),
        Fact("Scan file", scan.volume_file, is_exact=True),
        Fact("Outline digest", outline.mask_digest, is_exact=True),
        Fact("Outline file", outline.mask_file, is_exact=True),
        Fact("Outline", f"{outline.voxels:,} voxels{'' if outline.superseded_at is None else ', superseded since'}"),
    ]
    return Group("Scan and outline", tuple(facts))


def people_group(outline: Segmentation, signed: Sequence[LesionReading]) -> Group:
    """Who drew, filed and linked the outline, and who signed an assessment on it."""
    kind = f"{OutlineFormat(outline.outline_format).label}, {AlgorithmType(outline.algorithm_type).label}"
    facts = [
        Fact("Drawn with", method_text(outline.made_with) or kind),
        Fact("Drawn by", annotator_text(outline.made_with) or "the file names nobody"),
        Fact("Filed", _by(outline.created_by, moment(outline.created_at))),
        Fact("Linked because", outline.linked_why or "it opened the lesion"),
    ]
    facts += [Fact("Signed", _by(_reader(said), moment(said.reading.signed_at))) for said in signed]
    if not signed:
        facts.append(Fact("Verified", "no signed assessment of this outline that may be shown to you"))
    return Group("People", tuple(facts))


def _reader(said: LesionReading) -> object:
    return said.reading.reader or said.reading.reader_name


def _by(who: object, when: str) -> str:
    return f"{when} by {who}" if who else f"{when}, from the command line"


CONFORMANCE = {"ibsi": "IBSI", "pyradiomics": "pyradiomics"}


def engine_group(snapshot: FeatureSnapshot) -> Group:
    """Profile, engine, and the versions of its parts."""
    used = snapshot.feature_set
    parts = ", ".join(f"{name} {version}" for name, version in snapshot.versions.items())
    return Group(
        "Engine",
        (
            Fact("Profile", f"{used.profile}, {len(used.names):,} features"),
            Fact("Definitions", CONFORMANCE.get(snapshot.provenance.get("conformance", ""), "pyradiomics")),
            Fact("Profile digest", used.profile_digest, is_exact=True),
            Fact("Engine", snapshot.engine),
            Fact("Versions", parts),
            Fact("Build digest", snapshot.build_digest, is_exact=True),
            Fact("Extracted", moment(snapshot.created_at)),
            Fact("Snapshot", str(snapshot.pk), is_exact=True),
        ),
    )


def change_group(seen: ChangeSeen, number: NamedNumber) -> Group:
    """The two values of a change and every form of it."""
    facts = list(_size_change(seen.pair, number) if seen.delta is None else _feature_change(seen.delta, number))
    return Group(f"Against {seen.reference.label}", tuple(facts) or (Fact("Change", "nothing to compare with"),))


def _feature_change(delta: FeatureDelta, number: NamedNumber) -> Iterator[Fact]:
    then = delta.reference_snapshot
    is_same_set = then.feature_set_id == delta.feature_set_id
    scan = then.segmentation.scan
    yield Fact("Value then", _digits_at(then, number.name) if is_same_set else "of another feature set", is_exact=True)
    yield Fact(
        "Scan then", f"{scan.get_modality_display()} of {day(scan.acquired_on)}, {delta.interval_days} days before"
    )
    yield Fact("Outline then", then.segmentation.mask_digest, is_exact=True)
    yield Fact("Snapshot then", str(then.pk), is_exact=True)
    at = delta.feature_set.names.index(number.name)
    for form, name in FORMS.items():
        value, reason = getattr(delta, form)[at], delta.reasons[form][at]
        said = Absence(reason).label if value is None and reason else repr(value)
        yield Fact(name, said, is_exact=value is not None)
    yield Fact("Engine builds", "differ between the two" if delta.build_differs else "the same for both")
    yield Fact("Inputs digest", delta.inputs_digest, is_exact=True)


def _digits_at(snapshot: FeatureSnapshot, name: str) -> str:
    place = snapshot.feature_set.names.index(name)
    value = snapshot.values[place]
    return repr(value) if value is not None else Absence(snapshot.reasons[place] or Absence.NOT_COMPUTED).label


def _size_change(pair: LesionPair | None, number: NamedNumber) -> Iterator[Fact]:
    if pair is None:
        return
    if number.name not in ("volume_ml", "longest_diameter_mm"):
        yield Fact("Change", "kept for volume and longest diameter; a short axis counts in its visit's target sum")
        return
    then, now = getattr(pair, number.name)
    yield Fact("Value then", "withheld" if then is None else repr(then), is_exact=then is not None)
    yield Fact("Scan then", f"{pair.then_scan}, {pair.interval_days} days before")
    if then is not None and now is not None:
        yield Fact("Change", repr(now - then), is_exact=True)
    elif Comparability(pair.level).hides_size:
        yield Fact("Change", "withheld: the two scans are not comparable, and nobody can accept that")
    yield Fact("Inputs digest", pair.inputs_digest, is_exact=True)


def noise_group(seen: ChangeSeen, number: NamedNumber) -> Group:
    """What the change was held against, where that comes from, how many stand behind it, and its limits."""
    noise, at = seen.noise, seen.noise_place
    if number.name == "short_axis_mm":
        return Group("Noise", (Fact("Minimal detectable change", NoBand.SHORT_AXIS.label),))
    if noise is None or at < 0:
        return Group("Noise", (Fact("Noise", "this change was not held against any"),))
    source, missing = noise.sources[at], noise.missing[at]
    facts = [
        Fact(
            "Verdict",
            in_words(NoiseVerdict(noise.verdicts[at]), noise.limit[at], is_log=noise.is_log[at], unit=number.unit),
        )
    ]
    facts.append(Fact("Source", NoiseSource(source).label if source else NoBand(missing or NoBand.NOT_MEASURED).label))
    scale = "of the natural logarithm" if noise.is_log[at] else (number.unit or "no unit")
    for name, value in (("Change as judged", noise.change[at]), ("Minimal detectable change", noise.mdc[at])):
        if value is not None:
            facts.append(Fact(name, f"{value!r} ({scale})", is_exact=True))
    if noise.upper_mdc[at] is not None:
        facts.append(Fact("Upper 95 % limit", f"{noise.upper_mdc[at]!r} ({scale})", is_exact=True))
    if noise.q[at] is not None:
        facts.append(Fact("p, q", f"{noise.p[at]!r}, {noise.q[at]!r} after Benjamini–Hochberg", is_exact=True))
    if noise.is_without_volume[at]:
        facts.append(Fact("Volume", "what follows the lesion's volume was taken out first"))
    facts += [
        Fact(
            f"Measured here, {SizeClass(table.size_class).label}",
            f"{table.lesions[at]} lesions of {table.patients[at]} patients, "
            f"{table.degrees[at]} degrees of freedom, {table.left_out[at]} left out",
        )
        for table in seen.tables
    ]
    return Group("Noise", tuple(facts))


def pair_group(seen: ChangeSeen) -> Group:
    """Whether the two scans may be compared, under which rules, and who accepted that."""
    pair = seen.pair
    if pair is None:
        return Group("Comparability", (Fact("Pair", "there is no pair of scans to judge"),))
    found = pair.found
    facts = [Fact("Level", Comparability(pair.level).label)]
    # The worst comes first. What could not be compared, but for that one, stands together under "not seen".
    shown = [hit for n, hit in enumerate(found["hits"]) if not n or not hit["is_silent"]]
    facts += [Fact(words(hit["code"]), hit["sentence"]) for hit in shown]
    facts.append(Fact("Not seen", ", ".join(found["unseen"]) or "nothing"))
    facts.append(Fact("Rules", f"{found['rules_id']} {found['rules_version']}"))
    facts.append(Fact("Rules digest", found["rules_digest"], is_exact=True))
    word = pair.acceptance
    if word is not None:
        facts.append(
            Fact("Accepted", f"{moment(word.accepted_at)} by {word.accepted_by.get_username()}: {word.reason}")
        )
    return Group("Comparability", tuple(facts))
