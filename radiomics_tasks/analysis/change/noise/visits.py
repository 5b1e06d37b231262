"""Every change of a patient beside its noise, visit by visit: sizes first, then textures, then all tests together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from patients.concluded.change_findings import DeltaNoise, PanelCount
from patients.feature_names import DEFAULT_PANEL
from patients.findings import Delta
from patients.timeline import Sizes
from patients.words.noise_words import NoiseVerdict
from radiomics_tasks.analysis.change.followed import Pairing
from radiomics_tasks.analysis.change.noise.multiplicity import panel_counts, with_q_values
from radiomics_tasks.analysis.change.noise.verdicts import (
    SIZE_PANEL,
    BandReader,
    Compared,
    delta_noise,
    size_noise,
)
from radiomics_tasks.analysis.change.volume import VolumeSlopes, ln_volume_ratio, volume_guarded


@dataclass(frozen=True, slots=True)
class Judgeable:
    """One comparison that may be looked at: its sizes, and the changes of its features where texture may be seen."""

    pairing: Pairing
    delta: Delta | None


def judged_noise(
    judgeable: Sequence[Judgeable], reader: BandReader, slopes: Mapping[int, VolumeSlopes]
) -> tuple[DeltaNoise, ...]:
    """Sizes and textures of every comparison beside their bands; q-values over all tests of one visit.

    A lesion seen on several kinds of scan at one visit is tested on each.
    """
    by_visit: dict[int, list[DeltaNoise]] = defaultdict(list)
    for one in judgeable:
        by_visit[one.pairing.now.timepoint_pk] += _of_one(one, reader, slopes)
    return tuple(noise for noises in by_visit.values() for noise in with_q_values(noises))


def _of_one(one: Judgeable, reader: BandReader, slopes: Mapping[int, VolumeSlopes]) -> Iterator[DeltaNoise]:
    pairing, delta = one.pairing, one.delta
    then, now = pairing.then.observation.sizes, pairing.now.observation.sizes
    if then is None or now is None:
        return
    of = Compared(pairing.track.lesion_pk, pairing.now.timepoint_pk, pairing.reference)
    is_one_kind = pairing.then.modality is pairing.now.modality
    sizes = size_noise(of, then, now, reader, pairing.now.modality, is_one_kind=is_one_kind)
    yield sizes
    if delta is not None and pairing.now.snapshot is not None:
        yield _textures(pairing, delta, sizes, reader, slopes.get(delta.feature_set_pk))


def _textures(
    pairing: Pairing, delta: Delta, sizes: DeltaNoise, reader: BandReader, slopes: VolumeSlopes | None
) -> DeltaNoise:
    then, now = pairing.then.observation.sizes, pairing.now.observation.sizes
    features = pairing.now.observation.features
    assert then is not None and now is not None and features is not None
    columns = reader.columns(features.names, pairing.now.modality, features.profile_digest, _diameters(then, now))
    return volume_guarded(
        delta_noise(delta, columns),
        columns,
        features.names,
        ln_volume_ratio(then.volume_ml, now.volume_ml),
        has_volume_changed=sizes.verdicts[SIZE_PANEL.index("volume_ml")]
        not in (NoiseVerdict.INSIDE, NoiseVerdict.INSIDE_PUBLISHED),
        slopes=slopes,
    )


def _diameters(then: Sizes, now: Sizes) -> tuple[float, float]:
    return then.longest_diameter_mm, now.longest_diameter_mm


def panels_by_visit(
    noises: Sequence[DeltaNoise], names_of: Mapping[int, tuple[str, ...]]
) -> dict[int, tuple[PanelCount, ...]]:
    """The panel counts of each visit over all its lesions and references; `names_of`: names by feature set."""
    by_visit: dict[int, list[DeltaNoise]] = defaultdict(list)
    for noise in noises:
        by_visit[noise.timepoint_pk].append(noise)
    return {
        visit: panel_counts(found, [panel_places(noise, names_of) for noise in found])
        for visit, found in by_visit.items()
    }


def panel_places(noise: DeltaNoise, names_of: Mapping[int, tuple[str, ...]]) -> tuple[int, ...]:
    """Where the quantities of the default panel stand in a comparison; both sizes are of the panel."""
    if noise.feature_set_pk is None:
        return tuple(range(len(SIZE_PANEL)))
    return _places(names_of[noise.feature_set_pk])


def _places(names: tuple[str, ...]) -> tuple[int, ...]:
    at = {name: place for place, name in enumerate(names)}
    return tuple(at[name] for name in DEFAULT_PANEL if name in at)
