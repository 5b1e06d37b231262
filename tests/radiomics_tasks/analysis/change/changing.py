"""Made-up patients whose lesions have sizes and textures, concluded beside bands of known width."""

from collections.abc import Sequence
from datetime import timedelta

from patients.findings import PatientFindings
from patients.timeline import PatientTimeline
from patients.words.noise_words import NoiseSource
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.grounds import Grounds
from tests.noisy import bands
from tests.timelines import FIRST_ON, NAMES, features, observation, timeline, track, visit

Lesion = Sequence[tuple[float | None, float | None, float | None]]


def changing(*lesions: Lesion, days: int = 56) -> PatientTimeline:
    """A patient; each lesion is a (longest diameter in mm, Mean, Contrast) at each visit, a size of None: not there."""
    dates = [FIRST_ON + timedelta(days * place) for place in range(len(lesions[0]))]
    tracks = [
        track(
            pk,
            [
                observation(place + 1, dates[place], size, features(100 * pk + place, [size**3, mean, contrast]))
                for place, (size, mean, contrast) in enumerate(rows)
                if size is not None
            ],
        )
        for pk, rows in enumerate(lesions, start=1)
    ]
    return timeline([visit(place + 1, on) for place, on in enumerate(dates)], tracks)


def beside(
    seen: PatientTimeline, within_sd: float = 0.05, source: NoiseSource = NoiseSource.SITE_PAIRS
) -> PatientFindings:
    """Everything that follows, with the same band for every quantity."""
    return conclude(seen, grounds=Grounds(bands=bands(within_sd, NAMES, "ct", source)))
