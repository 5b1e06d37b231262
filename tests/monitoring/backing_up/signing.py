"""Signs every visit that is measured and not read yet, until told to stop.

`python -m tests.monitoring.backing_up.signing LOGIN FILE`, in the environment of a site; the file ends it.
"""

import sys
import time
from pathlib import Path

import django

WAIT_SECONDS = 0.5


def sign_what_waits(name: str) -> int:
    """How many visits were signed."""
    from django.contrib.auth.models import User

    from patients.models import Timepoint
    from patients.vocabulary import Step
    from patients.words.reading_words import NewDisease, NonTarget
    from patients.writes.readings.content import ReadingContent, ReadingRefused
    from patients.writes.readings.drafts import save_reading, start_reading
    from patients.writes.readings.signing import sign_reading
    from radiomics_tasks import runs

    reader, signed = User.objects.get(username=name), 0
    waiting = Timepoint.objects.filter(readings=None, scans__segmentations__measurement__isnull=False)
    quiet = ReadingContent(non_target=NonTarget.NCNP, new_disease=NewDisease.NO)
    for visit in waiting.distinct():
        try:
            sign_reading(save_reading(start_reading(visit, reader), quiet, reader), reader)
        except ReadingRefused:
            # An outline of it was not measured yet; the draft stays, as a reader's would.
            continue
        runs.arm(Step.REASSESS, visit.patient_id)
        signed += 1
    return signed


if __name__ == "__main__":
    django.setup()
    is_over, total = Path(sys.argv[2]), 0
    while not is_over.exists():
        total += sign_what_waits(sys.argv[1])
        time.sleep(WAIT_SECONDS)
    sys.stdout.write(f"{total}\n")
