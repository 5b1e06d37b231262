"""One snapshot once more: files, profile and build held against what was stored, then every number to the bit."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings

from patients.files import Storage, chunks, site_storage
from patients.models import FeatureSnapshot, Measurement, Segmentation
from patients.words.recompute_words import Recomputed
from patients.words.regions import Region
from radiomics_tasks.extraction.build import engine_of
from radiomics_tasks.extraction.profiles import profile_named
from radiomics_tasks.imaging.ring import ring_context
from radiomics_tasks.recomputing.bits import Difference, differences
from radiomics_tasks.sandbox import ChildLimits, run_child

SIZES = ("longest_diameter_mm", "short_axis_mm", "volume_ml", "outside_ratio", "component_diameters_mm", "absence")


@dataclass(frozen=True, slots=True)
class Again:
    """What became of a snapshot that was computed again; `now` is what the engine gave, empty where it gave nothing."""

    outcome: Recomputed
    sentence: str
    differing: tuple[Difference, ...] = ()
    now: dict[str, Any] | None = None


def again(snapshot: FeatureSnapshot, code: str, beat: Callable[[], None]) -> Again:
    """Compute one snapshot again from the stored scan and outline.

    `code` names its own folder in staging; `beat` is called every few seconds. Whatever differs first is told:
    a file, then the profile, then the numbers. Raises ChildFailure where the engine broke down.
    """
    company = company_of(snapshot)
    for check in (partial(_files, company=company), _profile, partial(_context, company=company)):
        found = check(snapshot)
        if found is not None:
            return found
    result = _extracted(snapshot, company, code, beat)
    return _refused(result["refusal"]) if "refusal" in result else _held_against(snapshot, result)


def company_of(snapshot: FeatureSnapshot) -> tuple[Segmentation, ...]:
    """The outlines of the other lesions on a ring's scan, which it leaves out; a lesion itself needs none."""
    if snapshot.region == Region.LESION:
        return ()
    outline = snapshot.segmentation
    rows = Segmentation.objects.filter(scan=outline.scan_id, superseded_at=None, lesion__isnull=False)
    return tuple(rows.exclude(lesion=outline.lesion_id).order_by("pk"))


def _context(snapshot: FeatureSnapshot, company: Sequence[Segmentation]) -> Again | None:
    """Whether a ring lies among the same lesions, in the same organ and under the same rules as when it was taken."""
    if snapshot.region == Region.LESION:
        return None
    lesion, stored = snapshot.segmentation.lesion, snapshot.provenance["ring"]["context"]
    now = ring_context(lesion.organ if lesion else "", [other.mask_digest for other in company])
    if now == stored:
        return None
    one = Difference("ring", "lesions and tissue around", stored, now)
    said = "The lesions around the ring, the organ or the rules of rings have changed since it was taken."
    return Again(Recomputed.INPUTS_CHANGED, said, (one,))


def _files(snapshot: FeatureSnapshot, company: Sequence[Segmentation]) -> Again | None:
    outline, store = snapshot.segmentation, site_storage()
    for what, digest, changed in (
        ("scan file", outline.scan.volume_file, Recomputed.VOLUME_CHANGED),
        ("outline file", outline.mask_file, Recomputed.MASK_CHANGED),
        *(("outline file of a lesion around", other.mask_file, Recomputed.MASK_CHANGED) for other in company),
    ):
        if not store.holds(digest):
            one = Difference(what, digest[:12], digest, "nothing")
            return Again(Recomputed.FILE_MISSING, f"The {what} {digest} is not in the store.", (one,))
        now = _digest_of(store, digest)
        if now != digest:
            said = f"The {what} was filed as {digest}; what lies in its place has the digest {now}."
            return Again(changed, said, (Difference(what, digest[:12], digest, now),))
    return None


def _digest_of(store: Storage, name: str) -> str:
    digest = hashlib.sha256()
    with store.opened(name) as file:
        for chunk in chunks(file):
            digest.update(chunk)
    return digest.hexdigest()


def _profile(snapshot: FeatureSnapshot) -> Again | None:
    used = snapshot.feature_set
    try:
        profile = profile_named(used.profile)
    except ValueError:
        one = Difference("profile", used.profile, used.profile_digest, "nothing")
        return Again(Recomputed.PROFILE_CHANGED, f"There is no profile {used.profile} any more.", (one,))
    if profile.digest == used.profile_digest:
        return None
    said = f"The profile {used.profile} had the digest {used.profile_digest}; today it has {profile.digest}."
    one = Difference("profile", used.profile, used.profile_digest, profile.digest)
    return Again(Recomputed.PROFILE_CHANGED, said, (one,))


def _extracted(
    snapshot: FeatureSnapshot, company: Sequence[Segmentation], code: str, beat: Callable[[], None]
) -> dict[str, Any]:
    outline, store = snapshot.segmentation, site_storage()
    out, is_ring = store.staging(code), snapshot.region != Region.LESION
    wanted = {"pk": outline.pk, "mask": str(store.local(outline.mask_file))}
    job = {
        "kind": "extract",
        "out": str(out),
        "result": str(out / "result.json"),
        "volume": str(store.local(outline.scan.volume_file)),
        "volume_digest": outline.scan.volume_digest,
        "modality": outline.scan.modality,
        "profile": snapshot.feature_set.profile,
        "engine": engine_of(snapshot.versions),
        "outlines": [] if is_ring else [wanted],
        "rings": [wanted | _around(snapshot, [str(store.local(one.mask_file)) for one in company])] if is_ring else [],
    }
    limits = ChildLimits(
        memory_mb=settings.CHILD_EXTRACT_MEMORY_MB,
        cpu_seconds=settings.CHILD_EXTRACT_SECONDS,
        wall_seconds=settings.CHILD_EXTRACT_SECONDS,
        file_mb=64,
    )
    try:
        told = run_child(job, limits, beat)
        if "refusal" in told:
            return told
        if is_ring:
            rings = json.loads((out / f"rings-{outline.pk}.json").read_text())
            return {"snapshot": rings["rings"][snapshot.region]}
        found: dict[str, Any] = json.loads((out / f"outline-{outline.pk}.json").read_text())
        return found
    finally:
        store.clear_staging(code)


def _around(snapshot: FeatureSnapshot, others: Sequence[str]) -> dict[str, Any]:
    lesion = snapshot.segmentation.lesion
    context = snapshot.provenance["ring"]["context"]
    return {"organ": lesion.organ if lesion else "", "others": list(others), "context": context}


def _refused(refusal: dict[str, str]) -> Again:
    outcome = Recomputed.VOLUME_CHANGED if refusal["code"] == "E_STORED_SCAN" else Recomputed.FAILED
    return Again(outcome, refusal["sentence"])


def _held_against(snapshot: FeatureSnapshot, result: dict[str, Any]) -> Again:
    now = result["snapshot"]
    # The outline's identity is over its voxels and grid, which a file of the right name may still not hold.
    mask = now["provenance"].get("mask_digest")
    if snapshot.region == Region.LESION and mask != snapshot.segmentation.mask_digest:
        one = Difference("outline", snapshot.segmentation.roi_name, snapshot.segmentation.mask_digest, mask)
        return Again(Recomputed.MASK_CHANGED, one.sentence, (one,), result)
    found = tuple(_numbers(snapshot, result))
    other = snapshot.build_digest != now["build_digest"]
    if found:
        outcome = Recomputed.BUILD_DIFFERS if other else Recomputed.DIGITS_DIFFER
        more = f" {len(found) - 1:,} more differ." if len(found) > 1 else ""
        return Again(outcome, f"{found[0].sentence}.{more}{_builds(snapshot, now) if other else ''}", found, result)
    sizes = " and the sizes" if snapshot.region == Region.LESION else " of the ring"
    said = f"The same digits in all {len(snapshot.values):,} values{sizes}."
    return Again(Recomputed.SAME, f"{said}{_builds(snapshot, now)}", (), result)


def _numbers(snapshot: FeatureSnapshot, result: dict[str, Any]) -> Iterator[Difference]:
    names, now = snapshot.feature_set.names, result["snapshot"]
    yield from differences("feature", "list", list(names), list(now["names"]))
    if list(names) == list(now["names"]):
        for name, stored, value in zip(names, snapshot.values, now["values"], strict=True):
            yield from differences("feature", name, stored, value)
        for name, stored, reason in zip(names, snapshot.reasons, now["reasons"], strict=True):
            yield from differences("reason of", name, stored, reason)
    measured: Measurement | None = getattr(snapshot.segmentation, "measurement", None)
    for name in SIZES if measured and "measurement" in result else ():
        yield from differences("size", name, _said(getattr(measured, name)), _said(result["measurement"][name]))
    kept = {key: value for key, value in snapshot.provenance.items() if key in now["provenance"] and key != "profile"}
    for key, stored in kept.items():
        yield from differences("record", key, stored, now["provenance"][key])


def _said(value: Any) -> Any:
    return None if value == "" else value


def _builds(snapshot: FeatureSnapshot, now: dict[str, Any]) -> str:
    """Which parts of the engine are other ones today; empty where the build is the same."""
    if snapshot.build_digest == now["build_digest"]:
        return ""
    parts = now["versions"]
    changed = [
        f"{name} {snapshot.versions.get(name, 'none')} then, {parts.get(name, 'none')} now"
        for name in dict.fromkeys((*snapshot.versions, *parts))
        if snapshot.versions.get(name) != parts.get(name)
    ]
    return f" Another build of the engine: {'; '.join(changed) or 'its digest differs'}."
