"""Further profiles of scans: what may be asked for beside the profile that is followed, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from patients.models import Scan
from patients.reads.scans.further import measured_outlines, outlines_taken
from patients.vocabulary import Modality, Step
from radiomics_tasks import runs
from radiomics_tasks.extraction.build import build_of
from radiomics_tasks.extraction.profiles import Profile, further_profiles_for
from radiomics_tasks.models import ProcessingRun


@dataclass(frozen=True, slots=True)
class FurtherProfile:
    """One profile of one scan: outlines that can be taken, those that were, and the work, where it was asked for."""

    scan: Scan
    profile: Profile
    outlines: int
    taken: int
    run: ProcessingRun | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to take."""
        return self.taken >= self.outlines


def further_of(scans: Sequence[Scan]) -> list[FurtherProfile]:
    """Every further profile of these scans, in three queries."""
    keys = [scan.pk for scan in scans]
    outlines, taken = measured_outlines(keys), outlines_taken(keys, build_of(settings.ENGINE).digest)
    rows = ProcessingRun.objects.filter(step=Step.FULL, subject_pk__in=keys)
    asked = {(run.subject_pk, run.input_key): run for run in rows}
    return [
        FurtherProfile(
            scan,
            profile,
            outlines.get(scan.pk, 0),
            taken.get((scan.pk, profile.digest), 0),
            asked.get((scan.pk, profile.name)),
        )
        for scan in scans
        for profile in further_profiles_for(scan.modality)
    ]


def is_further_profile(name: str) -> bool:
    """Whether it is the name of a profile that may be asked for."""
    return any(profile.name == name for modality in Modality for profile in further_profiles_for(modality))


def ask(scan: Scan, name: str) -> bool:
    """Queue the extraction of a scan's outlines under a further profile; false where the scan has none of that name."""
    if all(profile.name != name for profile in further_profiles_for(scan.modality)):
        return False
    with transaction.atomic():
        runs.arm(Step.FULL, scan.pk, name)
    return True
