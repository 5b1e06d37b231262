"""A whole site under kills: nothing that was acknowledged is lost, nothing is done twice, nothing half-done is seen.

python3 manage.py test -m crash -k storm -n 0 -s --runs 200 --seed 1     # random faults
python3 manage.py test -m crash -k moment -n 0 -s --each 10              # kills at every named moment
"""

import pytest

from patients.failpoints import POINTS
from tests.crash.storm import options_of, storm

pytestmark = pytest.mark.crash


def test_a_storm_of_random_faults(pytestconfig):
    runs, seed = pytestconfig.getoption("--runs"), pytestconfig.getoption("--seed")
    told = storm(options_of(["--faults", str(runs), "--seed", str(seed)]))
    print(told.sentences())  # noqa: T201
    assert told.violations == []
    assert sum(told.faults.values()) >= runs


def test_a_kill_at_every_named_moment(pytestconfig):
    each = pytestconfig.getoption("--each")
    told = storm(options_of(["--each", str(each), "--seed", str(pytestconfig.getoption("--seed"))]))
    print(told.sentences())  # noqa: T201
    assert told.violations == []
    assert {name: told.faults[f"at {name}"] for name in POINTS} == dict.fromkeys(POINTS, each)
