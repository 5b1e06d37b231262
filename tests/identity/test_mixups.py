"""Planted mix-ups are never filed on the sender's word, and good uploads are; the full part is `-m identity`."""

import random
import sys
from collections import Counter

import pytest

from patients.models import Hold, Scan, Segmentation, Withholding
from patients.words.identity_words import SECOND_PERSON, HoldState
from patients.writes.filing import Decision, FilingConflict, file_candidate, keep_doubts
from tests.identity.mixups import Sent, good, persons, planted

pytestmark = pytest.mark.django_db
# Whatever a sender may tick.
TICKS = (*SECOND_PERSON, "Q_DERIVED", "Q_HU_RANGE", "Q_MASK_OTHER_SCAN")


def filed(one: Sent) -> str:
    """The code that one upload was held with, "" where all of it was filed; the sender ticks everything, twice."""
    said = Decision(user=None, window_days=14, patient=one.patient, confirmed=TICKS)
    for _ in range(2):
        try:
            scan = file_candidate(one.candidate, said)
        except FilingConflict as conflict:
            hold = keep_doubts(one.candidate, said, conflict)
            assert hold is not None and hold.state == HoldState.OPEN
            assert hold.differs, "there is something to look at"
            code = hold.codes[0]
        else:
            kept = scan.segmentations.count()
            waiting = one.candidate.holds.filter(state=HoldState.OPEN).first()
            assert kept == (0 if waiting else 1)
            return waiting.codes[0] if waiting else ""
    return code


def experiment(count: int, seed: int) -> tuple[Counter[str], int]:
    """Misfiled mix-ups by kind, and good uploads that were held; over so many of each."""
    rng = random.Random(seed)
    people = persons(max(8, count // 20))
    misfiled: Counter[str] = Counter()
    needless = sum(filed(one) != "" for one in good(people, count, rng))
    scans, outlines = Scan.objects.count(), Segmentation.objects.count()
    let_in = 0
    for one in planted(people, count, rng):
        code = filed(one)
        misfiled[one.kind] += code != one.code
        let_in += not one.keeps_scan_out
    # Of the mix-ups only scans whose outline alone is in doubt came in, without that outline.
    assert (Scan.objects.count() - scans, Segmentation.objects.count() - outlines) == (let_in, 0)
    assert Hold.objects.filter(state=HoldState.RELEASED).count() == 0
    assert Withholding.objects.filter(lifted_at=None).exists()
    return +misfiled, needless


def test_sixty_mix_ups_are_held_and_sixty_good_uploads_are_filed():
    misfiled, needless = experiment(60, seed=1)
    assert (misfiled, needless) == (Counter(), 0)


@pytest.mark.identity
def test_five_hundred_mix_ups_are_held_and_five_hundred_good_uploads_are_filed():
    misfiled, needless = experiment(500, seed=2026)
    sys.stdout.write(f"500 mix-ups: {sum(misfiled.values())} misfiled; 500 good: {needless} held needlessly\n")
    assert misfiled == Counter()
    assert needless <= 5
