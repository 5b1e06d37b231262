"""The tables: complete, first match wins."""

from itertools import product

import pytest

from radiomics_tasks.analysis.criteria.rules.tables import NO_DISEASE, NON_TARGET_ONLY, TABLES, WITH_TARGETS

TARGET = ("CR", "PR", "SD", "PD", "NE")
NON_TARGET = ("CR", "NCNP", "PD", "NE")
NEW = ("NO", "EQ", "YES", "NE")


def test_every_combination_is_decided() -> None:
    for found in product(TARGET, (*NON_TARGET, "NA"), NEW):
        assert TABLES[WITH_TARGETS].decide(*found).rule
    for non_target, new in product(NON_TARGET, NEW):
        assert TABLES[NON_TARGET_ONLY].decide(non_target, new).rule
    for new in NEW:
        assert TABLES[NO_DISEASE].decide(new).rule


def test_the_first_row_that_fits_decides() -> None:
    assert TABLES[WITH_TARGETS].decide("PD", "PD", "YES").rule == "TARGET_PD"
    assert TABLES[WITH_TARGETS].decide("NE", "NCNP", "NE").rule == "NEW_NOT_EVALUATED"


def test_what_no_row_knows_is_a_mistake_of_ours() -> None:
    with pytest.raises(StopIteration):
        TABLES[WITH_TARGETS].decide("NA", "CR", "NO")
