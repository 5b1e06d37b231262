"""Many read while scans arrive and are measured: what their pages take, on a site that holds every invariant.

.venv/bin/python -m tests.load                                  # the full figure, as a table with its verdicts
python3 manage.py test -m load -n 0 -s                          # the same as a test
"""

import random
import threading

import pytest

from patients.files import Storage
from patients.models import FeatureSnapshot, Patient, Reading, ResponseAssessment
from patients.vocabulary import Criterion
from radiomics_tasks.invariants.every import broken
from radiomics_tasks.invariants.terms import Terms
from tests.live_web import running_web
from tests.load.__main__ import main
from tests.load.figures import Spread, missed, spreads, table
from tests.load.figures import broken as not_shown
from tests.load.population import PASSWORD, Size, build, make_logins
from tests.load.readers import Browser, Look, Reader

SMALL = Size(patients=4, scans=3, lesions=2, concluded=4)


@pytest.mark.django_db(transaction=True)
def test_a_built_site_holds_every_invariant_and_can_be_read(storage: Storage, static_files, tmp_path):
    logins = make_logins(readers=1, uploaders=1, uploads=1)
    assert build(SMALL, first=0, step=2) + build(SMALL, first=1, step=2) == 4
    assert FeatureSnapshot.objects.count() == Reading.objects.count() * 2 == 4 * 3 * 2
    # A baseline has no call.
    assert ResponseAssessment.objects.filter(criterion=Criterion.IRECIST).count() == 4 * 2
    assert [told for _, told in broken(Terms(storage))] == []
    with running_web(tmp_path / "web.log", static_files, storage.root) as address:
        browser = Browser(address)
        browser.sign_in(logins["readers"][0], PASSWORD)
        is_over = threading.Event()
        reader = Reader(browser, 0.0, random.Random(3), is_over)
        reader.start()
        while len(browser.looks) < 24:
            reader.join(0.2)
            assert reader.is_alive()
        is_over.set()
        reader.join(60)
    assert {"list", "patient", "course with features", "lesion", "number"} <= set(spreads(browser.looks))
    assert not_shown(browser.looks) == []
    assert Patient.objects.count() == 5


def looks(kind: str, *milliseconds: float, status: int = 200) -> list[Look]:
    return [Look(kind, 0.0, ms / 1000, status) for ms in milliseconds]


def test_percentiles_are_of_the_nearest_rank_and_of_shown_pages_alone():
    found = spreads([*looks("list", *range(1, 101)), *looks("list", 9999, status=503)])
    assert found == {"list": Spread(100, 50.5, 95.0, 99.0)}
    assert not_shown(looks("list", 1, status=503) + looks("list", 1)) == ["503 list"]


def test_a_bar_is_missed_by_time_by_ratio_and_by_too_few_looks():
    quick, slow = Spread(50, 50, 100, 120), Spread(50, 100, 310, 320)
    assert missed("list", quick, slow) == ["p95 over 300 ms", "p95 over 1.5 times idle"]
    assert missed("patient", Spread(50, 90, 250, 260), slow) == []
    assert missed("patient", quick, Spread(3, 1, 1, 1)) == ["fewer than 20 looks"]
    assert missed("lesion", quick, slow) == []
    assert "p95 over 300 ms" in table({"list": quick}, {"list": slow})


@pytest.mark.load
def test_many_read_while_scans_arrive_and_are_measured():
    """Prints the table; every bar of it is met."""
    assert main([]) == 0
