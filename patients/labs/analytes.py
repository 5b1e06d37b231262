"""Analytes with their units: how each is spelled, and how a value comes into the canonical unit, exactly."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from patients.labs.words import Analyte

DATA = Path(__file__).with_name("analytes.json")
MOST_OF_ANY = 1e9


class UnitRefused(ValueError):
    """A unit or a value cannot be meant: `field` says which, the message is a sentence for whoever entered it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Quantity:
    """One kind of quantity of an analyte: values of two kinds are never converted into each other.

    `factors`: by the folded spelling of a unit, how it is written and what turns its values into `unit`.
    """

    unit: str
    least: float
    most: float
    factors: Mapping[str, tuple[str, Decimal]]


def folded(text: str) -> str:
    """A unit or a name as it is looked up: no case, no spaces, one spelling of micro and of powers of ten.

    Examples
    --------
    >>> folded("µkat/l"), folded("\\u03bcKat / L"), folded("mcg/L")
    ('ukat/l', 'ukat/l', 'ug/l')
    >>> folded("x10⁹/L"), folded("10E9/L"), folded("10*9/L")
    ('10^9/l', '10^9/l', '10^9/l')
    """
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split()).replace("\u03bc", "u")
    plain = re.sub(r"^[x×*](?=10)", "", re.sub(r"\bmc(?=g|kat|l\b)", "u", plain))
    return re.sub(r"^10(?:\^|\*\*?|e)?([369])(?=/)", r"10^\1", plain)


def _read() -> tuple[dict[Analyte, tuple[Quantity, ...]], dict[str, Analyte]]:
    quantities: dict[Analyte, tuple[Quantity, ...]] = {}
    names: dict[str, Analyte] = {}
    for word, told in json.loads(DATA.read_text(encoding="utf-8")).items():
        analyte = Analyte(word)
        names |= {folded(name): analyte for name in (word, analyte.label, *told["names"])}
        quantities[analyte] = tuple(
            Quantity(
                one["unit"],
                float(one["range"][0]),
                float(one["range"][1]),
                {folded(unit): (unit, Decimal(factor)) for unit, factor in one["factors"].items()},
            )
            for one in told["quantities"]
        )
    return quantities, names


QUANTITIES, NAMES = _read()


def analyte_named(text: str) -> Analyte:
    """The analyte of a name, OTHER where it is none of ours.

    Examples
    --------
    >>> analyte_named("lactate dehydrogenase"), analyte_named("S-100B"), analyte_named("Lipase")
    (<Analyte.LDH: 'LDH'>, <Analyte.S100B: 'S100B'>, <Analyte.OTHER: 'OTHER'>)
    """
    return NAMES.get(folded(text), Analyte.OTHER)


def units_of(analyte: Analyte) -> tuple[str, ...]:
    """The units that are understood, as they are written; of an analyte of its own name, none is known."""
    return tuple(unit for one in QUANTITIES.get(analyte, ()) for unit, _ in one.factors.values())


def quantity_of(analyte: Analyte, unit: str) -> Quantity:
    """What a unit measures of an analyte. Raises UnitRefused for no unit and for one that is not understood."""
    if not unit:
        known = f" Write one of: {', '.join(units_of(analyte))}." if analyte in QUANTITIES else " Write it as reported."
        raise UnitRefused("unit", f"The unit is missing.{known}")
    if analyte not in QUANTITIES:
        return Quantity(unit, 0.0, MOST_OF_ANY, {folded(unit): (unit, Decimal(1))})
    found = next((one for one in QUANTITIES[analyte] if folded(unit) in one.factors), None)
    if found is None:
        known = ", ".join(units_of(analyte))
        raise UnitRefused("unit", f"{unit} is not known as a unit of {analyte.label}. Known are: {known}.")
    return found


def converted(value: float, unit: str, quantity: Quantity) -> float:
    """A value in the canonical unit of its quantity, by decimal arithmetic.

    Examples
    --------
    >>> converted(7.9, "µkat/L", quantity_of(Analyte.LDH, "µkat/L"))
    474.0
    >>> converted(1.9, "mg/dL", quantity_of(Analyte.CRP, "mg/dL"))
    19.0
    """
    return float(Decimal(repr(value)) * quantity.factors[folded(unit)][1])


def spelled(unit: str, quantity: Quantity) -> str:
    """A unit as it is written here, however it was typed."""
    return quantity.factors[folded(unit)][0]


def check_plausible(analyte: Analyte, value: float, quantity: Quantity, *, has_least: bool = True) -> None:
    """Refuse a canonical value that no patient has. Raises UnitRefused."""
    if value > quantity.most or (has_least and value < quantity.least):
        limits = f"{quantity.least:,g} and {quantity.most:,.15g} {quantity.unit}"
        name = "This result" if analyte is Analyte.OTHER else f"{analyte.label} of {value:,.15g} {quantity.unit}"
        raise UnitRefused("value", f"{name} cannot be: it lies between {limits}. Check value and unit.")
