"""What a scan's image says of its contrast phase or tracer, as plain data: values, places, and why one is missing."""

from typing import Any

from patients.vocabulary import Unit
from radiomics_tasks.imaging.probes.aorta import Sample, aorta_of
from radiomics_tasks.imaging.probes.coarse import coarse_of
from radiomics_tasks.imaging.probes.liver import CT_LIVER, PET_LIVER, liver_of
from radiomics_tasks.imaging.volume import Volume

AORTA_BLOCK_MM, LIVER_BLOCK_MM = (2.5, 2.0, 2.0), (4.0, 4.0, 4.0)
BODY_SUV = 0.25
TURNED = "The slices are not axial: neither aorta nor liver is looked for."


def probe_facts(volume: Volume) -> dict[str, Any]:
    """The probes of one scan, to be kept beside its other facts.

    Parameters
    ----------
    volume : in LPS order.

    Returns
    -------
    "probes": "aorta_hu", "liver_hu" (CT) or "liver_suv" (PET in SUV by weight), each only where it was found, and
    "where": for each the place (LPS, mm). "probes_why": a sentence for each that was not. MR has no probe.

    References
    ----------
    The ball of 30 mm in the right liver: PERCIST 1.0 (Wahl et al., J Nucl Med 2009;50:122S).
    """
    if volume.unit == Unit.HU:
        return _of_ct(volume)
    if volume.unit == Unit.SUV_BW:
        return _of_pet(volume)
    return {"probes": {}, "probes_why": []}


def _of_ct(volume: Volume) -> dict[str, Any]:
    fine, blocks = coarse_of(volume, AORTA_BLOCK_MM), coarse_of(volume, LIVER_BLOCK_MM)
    if fine is None or blocks is None:
        return {"probes": {}, "probes_why": [TURNED]}
    aorta = aorta_of(fine)
    heights = (aorta.where_mm[2],) if isinstance(aorta, Sample) else ()
    return _told({"aorta_hu": aorta, "liver_hu": liver_of(blocks, CT_LIVER, has_aorta_at=heights)})


def _of_pet(volume: Volume) -> dict[str, Any]:
    blocks = coarse_of(volume, LIVER_BLOCK_MM, BODY_SUV)
    if blocks is None:
        return {"probes": {}, "probes_why": [TURNED]}
    return _told({"liver_suv": liver_of(blocks, PET_LIVER)})


def _told(found: dict[str, Sample | str]) -> dict[str, Any]:
    samples = {name: sample for name, sample in found.items() if isinstance(sample, Sample)}
    probes: dict[str, Any] = {name: sample.value for name, sample in samples.items()}
    if samples:
        probes["where"] = {name: list(sample.where_mm) for name, sample in samples.items()}
    titles = {"aorta_hu": "Aorta", "liver_hu": "Liver", "liver_suv": "Liver"}
    why = [f"{titles[name]}: {said[0].lower()}{said[1:]}" for name, said in found.items() if isinstance(said, str)]
    return {"probes": probes, "probes_why": why}
