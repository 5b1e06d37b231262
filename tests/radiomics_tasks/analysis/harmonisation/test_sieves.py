"""Every gap leaves by name, and takes nothing else with it."""

from dataclasses import replace

import pytest

from patients.words.harmonisation_words import Covariate, LeftOut
from radiomics_tasks.analysis.harmonisation.sieves import sifted
from radiomics_tasks.errors import Refusal
from tests.harmonising import NAMES, made_up


def changed(cohort, at, **changes):
    rows = list(cohort.rows)
    rows[at] = replace(rows[at], **changes)
    return replace(cohort, rows=tuple(rows))


def left_out(cohort):
    return {(one.kind, one.name): one.why for one in sifted(cohort).omissions}


def test_a_whole_cohort_loses_nothing():
    cohort = made_up()
    assert sifted(cohort).cohort == cohort
    assert sifted(cohort).omissions == ()


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_a_lone_gap_takes_its_row_and_nothing_else(missing):
    cohort = made_up()
    gap = changed(cohort, 3, values=(missing, *cohort.rows[3].values[1:]))
    assert left_out(gap) == {("row", "row 3"): LeftOut.MISSING_VALUE}
    assert len(sifted(gap).cohort.rows) == len(cohort.rows) - 1


def test_a_feature_often_missing_leaves_and_its_rows_stay():
    cohort = made_up()
    for at in range(4):
        cohort = changed(cohort, at, values=(*cohort.rows[at].values[:2], None))
    assert left_out(cohort) == {("feature", NAMES[2]): LeftOut.OFTEN_MISSING}
    assert len(sifted(cohort).cohort.rows) == 47


def test_a_batch_of_one_and_one_of_nine_are_refused_by_name():
    found = left_out(made_up((22, 25, 1, 9)))
    assert found["batch", "C"] == LeftOut.SINGLE_ROW
    assert found["batch", "D"] == LeftOut.TOO_FEW_ROWS
    assert sum(why is LeftOut.ITS_BATCH for why in found.values()) == 10


def test_ten_are_enough_to_stay():
    assert sifted(made_up((22, 10))).cohort.batches == ("A", "B")


@pytest.mark.parametrize("sizes", [(40, 9), (40,), (9, 1)])
def test_fewer_than_two_batches_are_refused(sizes):
    with pytest.raises(Refusal, match="E_BATCHES"):
        sifted(made_up(sizes))


def test_rows_without_a_batch_leave():
    assert left_out(changed(made_up(), 0, batch="")) == {("row", "row 0"): LeftOut.BATCH_UNKNOWN}


def test_rows_without_a_covariate_leave_and_a_covariate_nobody_knows_does():
    cohort = made_up(covariates=tuple(Covariate))
    found = left_out(changed(cohort, 1, covariates={Covariate.ORGAN: "LIVER", Covariate.VOLUME: 0.0}))
    assert found["row", "row 1"] == LeftOut.MISSING_COVARIATE
    assert found["covariate", "tumour"] == LeftOut.OFTEN_UNKNOWN


def test_a_covariate_that_is_the_same_in_all_leaves():
    cohort = made_up()
    same = replace(
        cohort, rows=tuple(replace(row, covariates={**row.covariates, Covariate.ORGAN: "LUNG"}) for row in cohort.rows)
    )
    assert left_out(same) == {("covariate", "organ"): LeftOut.ONE_LEVEL}


def test_the_only_bone_lesion_leaves():
    cohort = made_up()
    bone = {**cohort.rows[5].covariates, Covariate.ORGAN: "BONE"}
    assert left_out(changed(cohort, 5, covariates=bone)) == {("row", "row 5"): LeftOut.RARE_LEVEL}


def test_a_feature_that_is_constant_in_one_batch_leaves():
    cohort = made_up()
    rows = tuple(replace(row, values=(7.0, *row.values[1:])) if row.batch == "A" else row for row in cohort.rows)
    assert left_out(replace(cohort, rows=rows)) == {("feature", NAMES[0]): LeftOut.NO_SPREAD}


def test_shapes_are_not_harmonised():
    names = ("original_shape_MeshVolume", *NAMES[1:])
    assert left_out(made_up(names=names)) == {("feature", names[0]): LeftOut.SHAPE}


def test_a_row_that_stands_twice_is_refused():
    cohort = made_up()
    with pytest.raises(Refusal, match="E_ROWS_TWICE: row 0"):
        sifted(replace(cohort, rows=(*cohort.rows, cohort.rows[0])))


def test_nothing_but_gaps_is_refused():
    cohort = made_up()
    with pytest.raises(Refusal, match="E_NO_FEATURES"):
        sifted(replace(cohort, rows=tuple(replace(row, values=(None,) * 3) for row in cohort.rows)))
