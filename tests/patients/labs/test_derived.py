from datetime import date, timedelta

from patients.labs.derived import with_ratios
from patients.labs.seen import Lab
from patients.labs.words import Analyte, Bound

DAY = date(2024, 1, 8)


def count(pk: int, analyte: Analyte, value: float, days: int = 0, bound: Bound = Bound.EXACT) -> Lab:
    return Lab(pk, "", analyte, analyte.label, DAY + timedelta(days), value, "10^9/L", bound)


def ratios(*labs: Lab) -> list[tuple[int, float, tuple[int, ...]]]:
    found = [lab for lab in with_ratios(labs) if lab.analyte is Analyte.NLR]
    return [((lab.taken_on - DAY).days, lab.value, lab.sources) for lab in found]


def test_counts_of_one_day_give_a_ratio_that_names_them():
    both = count(1, Analyte.NEUTROPHILS, 6.0), count(2, Analyte.LYMPHOCYTES, 1.5)
    assert ratios(*both) == [(0, 4.0, (1, 2))]
    assert ratios(both[0], count(2, Analyte.LYMPHOCYTES, 1.5, days=1)) == []


def test_the_last_count_of_a_day_counts():
    again = count(3, Analyte.NEUTROPHILS, 3.0)
    assert ratios(count(1, Analyte.NEUTROPHILS, 6.0), count(2, Analyte.LYMPHOCYTES, 1.5), again) == [(0, 2.0, (3, 2))]


def test_a_measured_ratio_stays_alone():
    measured = count(9, Analyte.NLR, 5.0)
    assert ratios(count(1, Analyte.NEUTROPHILS, 6.0), count(2, Analyte.LYMPHOCYTES, 1.5), measured) == [(0, 5.0, ())]


def test_a_limit_or_zero_gives_no_ratio():
    neutrophils = count(1, Analyte.NEUTROPHILS, 6.0)
    assert ratios(neutrophils, count(2, Analyte.LYMPHOCYTES, 0.1, bound=Bound.BELOW)) == []
    assert ratios(neutrophils, count(2, Analyte.LYMPHOCYTES, 0.0)) == []
