"""The site's noise, from same-day pairs and perturbed outlines to bands; and how its features follow volume."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from django.db.models import Q

from patients.concluded.change_findings import Band, BandPlace
from patients.reads.trusting import noise as known
from patients.reads.trusting.noise import OutlineTwice, Repeats
from patients.vocabulary import Modality, Step
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from patients.writes.trusting.noise import Key, TableOfNoise, replace_pairs, replace_tables
from patients.writes.trusting.volume import TableOfVolume, replace_volume_tables
from radiomics_tasks import runs
from radiomics_tasks.acquisition import site_rules
from radiomics_tasks.analysis.change.noise.bands import (
    Bands,
    Floats,
    RepeatedLesion,
    band_key,
    is_log_scale,
    measured_bands,
    moved_places,
)
from radiomics_tasks.analysis.change.noise.verdicts import SIZE_PANEL
from radiomics_tasks.analysis.grounds import shipped_bands
from radiomics_tasks.analysis.trust.comparability.scan_facts import OutlineFacts
from radiomics_tasks.analysis.trust.compared import facts_of
from radiomics_tasks.analysis.trust.retests import Retest, RetestSide, retests
from radiomics_tasks.footing import site_bands
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.standing import UNFINISHED
from radiomics_tasks.volume_cohort import moved_tables

Kind = tuple[Modality, int]
# All patients but the made-up ones, and those.
KINDS = (False, True)
_CITED_OF = {"volume_ml": "volume", "longest_diameter_mm": "longest diameter"}

# Each of these makes bands anew once it is done, and nobody is concluded again for each of many.
MOVING = (Step.INGEST, Step.EXTRACT, Step.PERTURB)
LONGEST_WAIT_SECONDS = 300.0


def gather_noise(run_pk: int) -> None:
    """Find the site's pairs, make its tables anew, and conclude those again whose lesions lie where a band moved.

    It waits while scans are being measured, five minutes at most, so that a folder of them moves the bands once.
    Made-up patients and all others are two sites: neither is judged by what the other one has shown.
    What features do with volume is told from changes as they are, so that concluding again asks for no more of it.
    Safe to run twice: equal repeats give equal tables, and equal tables wake nobody.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        if _is_more_to_come(claim):
            runs.put_off(claim, "Waits until the scans that are being measured are done.")
            return
        outlines = {one.pk: one for one in known.outlines_twice_a_day()}
        pairs = retests(map(_side, outlines.values()), site_rules())
        tables = list(_site_tables(pairs, outlines))
        volumes = list(moved_tables())
        with runs.finishing(claim):
            replace_pairs([(one.first.segmentation_pk, one.second.segmentation_pk, one.why_not) for one in pairs])
            for patient_pk in sorted(_woken(tables, volumes)):
                runs.arm(Step.REASSESS, patient_pk)


def _is_more_to_come(claim: runs.Claim) -> bool:
    """Whether scans still wait whose outlines will move the bands again; in a steady stream they are not waited for."""
    unfinished = ProcessingRun.objects.filter(state__in=UNFINISHED, step__in=MOVING)
    is_young = Q(pk=claim.run_pk, armed_at__gt=runs.in_seconds(-LONGEST_WAIT_SECONDS))
    return unfinished.exists() and ProcessingRun.objects.filter(is_young).exists()


def _woken(tables: Sequence[TableOfNoise], volumes: Sequence[TableOfVolume]) -> set[int]:
    """Store the tables; every patient who stands on another band or slope than before, made up or not."""
    before = {is_synthetic: site_bands(is_synthetic=is_synthetic) for is_synthetic in KINDS}
    changed, sets = replace_tables(tables), replace_volume_tables(volumes)
    found: set[int] = set()
    for is_synthetic in KINDS:
        after = site_bands(is_synthetic=is_synthetic) if changed else before[is_synthetic]
        places = _published_anew(changed) | moved_places(before[is_synthetic], after)
        found.update(known.patients_with_lesions_in(places, is_synthetic=is_synthetic))
        of_kind = {pk for pk, of_made_up in sets if of_made_up is is_synthetic}
        found.update(known.patients_with_feature_sets(of_kind, is_synthetic=is_synthetic))
    return found


def _published_anew(changed: Collection[Key]) -> set[BandPlace]:
    """Where published bands became others, for everybody; made-up patients have a copy for the page alone."""
    return {
        BandPlace(Modality(modality), "", SizeClass(size_class))
        for source, modality, _, size_class, is_copy in changed
        if source == NoiseSource.PUBLISHED and not is_copy
    }


def _site_tables(pairs: Sequence[Retest], outlines: dict[int, OutlineTwice]) -> Iterator[TableOfNoise]:
    """The tables of all patients but the made-up ones, then theirs, where anything was measured on them."""
    repeats = list(known.repeats_by_kind())
    for is_synthetic in KINDS:
        own_pairs = [one for one in pairs if outlines[one.first.segmentation_pk].is_synthetic is is_synthetic]
        own_repeats = [of_kind for of_kind in repeats if of_kind[0].is_synthetic is is_synthetic]
        measured = [*_of_pairs(own_pairs, outlines), *_of_perturbation(own_repeats)]
        published = _of_publications() if measured or not is_synthetic else ()
        for table in (*measured, *published):
            yield replace(table, is_synthetic=is_synthetic)


def _side(one: OutlineTwice) -> RetestSide:
    outline = OutlineFacts(one.organ, one.method, one.annotator, one.profile_digest, one.outside_ratio)
    return RetestSide(
        segmentation_pk=one.pk,
        lesion_pk=one.lesion_pk,
        frame_of_reference_uid=one.frame_of_reference_uid,
        facts=facts_of(one.scan).outlined(outline),
        profile_digest=one.profile_digest,
        build_digest=one.build_digest,
        is_measured=one.longest_diameter_mm is not None,
    )


def _of_pairs(pairs: Iterable[Retest], outlines: dict[int, OutlineTwice]) -> Iterator[TableOfNoise]:
    features: dict[Kind, list[RepeatedLesion]] = defaultdict(list)
    sizes: dict[Modality, list[RepeatedLesion]] = defaultdict(list)
    for pair in pairs:
        first, second = outlines[pair.first.segmentation_pk], outlines[pair.second.segmentation_pk]
        if pair.why_not:
            continue
        both = [(one.volume_ml, one.longest_diameter_mm) for one in (first, second)]
        of_sizes = _lesion(first, np.array(both, dtype=np.float64))
        sizes[first.scan.modality].append(of_sizes)
        if first.feature_set_pk is not None and first.feature_set_pk == second.feature_set_pk:
            values = np.array([first.values, second.values], dtype=np.float64)
            features[first.scan.modality, first.feature_set_pk].append(
                _repeated(first.lesion_pk, first.patient_pk, of_sizes.longest_diameter_mm, values)
            )
    yield from _tables(features, sizes, NoiseSource.SITE_PAIRS)


def _lesion(first: OutlineTwice, sizes: Floats) -> RepeatedLesion:
    return _repeated(first.lesion_pk, first.patient_pk, float(sizes[:, 1].mean()), sizes)


def _repeated(lesion_pk: int, patient_pk: int, longest_diameter_mm: float, values: Floats) -> RepeatedLesion:
    return RepeatedLesion(lesion_pk, patient_pk, longest_diameter_mm, values)


def _of_perturbation(repeats: Iterable[list[Repeats]]) -> Iterator[TableOfNoise]:
    """A lower bound of noise; an outline that was extracted under several profiles counts once for its sizes."""
    features: dict[Kind, list[RepeatedLesion]] = {}
    sizes: dict[Modality, dict[int, RepeatedLesion]] = defaultdict(dict)
    for of_kind in repeats:
        lesions = [(one, perturbed) for one in of_kind if (perturbed := _perturbed(one)) is not None]
        for one, (of_sizes, _) in lesions:
            sizes[one.modality].setdefault(one.segmentation_pk, of_sizes)
        if lesions:
            kind = lesions[0][0].modality, lesions[0][0].feature_set_pk
            features[kind] = [of_features for _, (_, of_features) in lesions]
    measured = {modality: list(found.values()) for modality, found in sizes.items()}
    yield from _tables(features, measured, NoiseSource.PERTURBATION)


def _perturbed(one: Repeats) -> tuple[RepeatedLesion, RepeatedLesion] | None:
    """Sizes and features of one outline's repeats; None where its outline never came out whole."""
    told = [(size or {}) for size in one.sizes]
    sizes = np.array([[size.get(name, np.nan) for name in SIZE_PANEL] for size in told], dtype=np.float64)
    diameters_mm = sizes[:, 1][np.isfinite(sizes[:, 1])]
    if not diameters_mm.size:
        return None
    values = np.array(one.values, dtype=np.float64).reshape(one.repeats, -1)
    of = one.lesion_pk, one.patient_pk, float(diameters_mm.mean())
    return _repeated(*of, sizes), _repeated(*of, values)


def _of_publications() -> Iterator[TableOfNoise]:
    shipped = shipped_bands()
    modalities = dict.fromkeys(key.modality for key in shipped.by_key)
    for modality in modalities:
        yield from _by_size(shipped, SIZE_PANEL, NoiseSource.PUBLISHED, modality)


def _tables(
    features: dict[Kind, list[RepeatedLesion]], sizes: dict[Modality, list[RepeatedLesion]], source: NoiseSource
) -> Iterator[TableOfNoise]:
    for modality, lesions in sizes.items():
        yield from _by_size(measured_bands(lesions, SIZE_PANEL, modality, "", source), SIZE_PANEL, source, modality)
    sets = known.feature_sets([pk for _, pk in features])
    for (modality, pk), lesions in features.items():
        names, profile = tuple(sets[pk].names), sets[pk].profile_digest
        bands = measured_bands(lesions, names, modality, profile, source)
        yield from _by_size(bands, names, source, modality, pk, profile)


def _by_size(
    bands: Bands,
    names: Sequence[str],
    source: NoiseSource,
    modality: Modality,
    feature_set_pk: int | None = None,
    profile_digest: str = "",
) -> Iterator[TableOfNoise]:
    for size_class in SizeClass:
        keys = [band_key(name, modality, profile_digest, size_class) for name in names]
        found = [bands.at(key) for key in keys]
        if any(key in bands.by_key or key in bands.missing for key in keys):
            yield _table(found, names, source, modality, feature_set_pk, size_class)


def _table(
    found: Sequence[Band | NoBand],
    names: Sequence[str],
    source: NoiseSource,
    modality: Modality,
    feature_set_pk: int | None,
    size_class: SizeClass,
) -> TableOfNoise:
    bands = [one if isinstance(one, Band) else None for one in found]
    cited = [(name, band.citation) for name, band in zip(names, bands, strict=True) if band and band.citation]
    citations = dict.fromkeys(f"{_CITED_OF.get(name, name)}: {citation}" for name, citation in cited)
    return TableOfNoise(
        source=source,
        modality=modality,
        feature_set_pk=feature_set_pk,
        size_class=size_class,
        is_log=tuple(map(is_log_scale, names)),
        within_sd=tuple(band.within_sd if band else None for band in bands),
        mdc=tuple(band.mdc if band else None for band in bands),
        upper_mdc=tuple(band.upper_mdc if band else None for band in bands),
        degrees=tuple((band.degrees_of_freedom or 0) if band else 0 for band in bands),
        lesions=tuple((band.lesions or 0) if band else 0 for band in bands),
        patients=tuple((band.patients or 0) if band else 0 for band in bands),
        left_out=tuple(band.left_out if band else 0 for band in bands),
        missing=tuple(one if isinstance(one, NoBand) else None for one in found),
        citation="; ".join(citations),
    )
