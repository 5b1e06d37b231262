"""Results that are worked out from others of the same day: the ratio of neutrophils to lymphocytes."""

from collections.abc import Iterable
from datetime import date

from patients.labs.seen import Lab
from patients.labs.words import Analyte, Bound

RATIO = "ratio"


def with_ratios(labs: Iterable[Lab]) -> tuple[Lab, ...]:
    """The results with a ratio for each day that has both counts and no ratio of its own, in the order of days.

    Where a day has several counts, the last of each is taken. A count that is only a limit gives no ratio, nor
    do lymphocytes of zero.

    Examples
    --------
    >>> def count(pk, analyte, value):
    ...     return Lab(pk, "", analyte, analyte.label, date(2024, 1, 8), value, "10^9/L")
    >>> both = [count(1, Analyte.NEUTROPHILS, 6.0), count(2, Analyte.LYMPHOCYTES, 1.5)]
    >>> [(lab.name, lab.value, lab.sources) for lab in with_ratios(both)][-1]
    ('NLR', 4.0, (1, 2))
    """
    known = list(labs)
    measured = {lab.taken_on for lab in known if lab.analyte is Analyte.NLR}
    neutrophils, lymphocytes = (_counts(known, one) for one in (Analyte.NEUTROPHILS, Analyte.LYMPHOCYTES))
    ratios = [
        _ratio(neutrophils[day], lymphocytes[day])
        for day in sorted(neutrophils.keys() & lymphocytes.keys())
        if day not in measured
    ]
    return tuple(sorted([*known, *ratios], key=lambda lab: lab.taken_on))


def _counts(labs: Iterable[Lab], analyte: Analyte) -> dict[date, Lab]:
    return {lab.taken_on: lab for lab in labs if lab.analyte is analyte and lab.bound is Bound.EXACT and lab.value > 0}


def _ratio(neutrophils: Lab, lymphocytes: Lab) -> Lab:
    return Lab(
        pk=0,
        code="",
        analyte=Analyte.NLR,
        name=Analyte.NLR.label,
        taken_on=neutrophils.taken_on,
        value=neutrophils.value / lymphocytes.value,
        unit=RATIO,
        entered="neutrophils / lymphocytes",
        sources=(neutrophils.pk, lymphocytes.pk),
    )
