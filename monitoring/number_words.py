"""Numbers as a person reads them: rounded for the eye alone, with units that never part from them."""

import math
from decimal import Decimal

NARROW = "\u202f"  # narrow no-break space: a number and its unit never part at a line's end
MINUS = "−"
DASH = "–"

Number = float | Decimal


def is_absent(value: object) -> bool:
    """Whether there is no number: None, or the empty text that Django puts where a lookup finds nothing."""
    return value is None or value == ""


def mm(value: Number | None) -> str:
    """Millimetres with one decimal."""
    return DASH if is_absent(value) else f"{value:.1f}{NARROW}mm".replace("-", MINUS)


def whole(value: int | None) -> str:
    """A whole number, such as a day before therapy: −7."""
    return DASH if value is None else str(value).replace("-", MINUS)


def tenths(value: Number | None) -> str:
    """A size with one decimal, where the column says the unit."""
    return DASH if is_absent(value) else f"{value:.1f}"


def ml(value: Number | None) -> str:
    """Millilitres with as many decimals as a small lesion needs."""
    if value is None or is_absent(value):
        return DASH
    decimals = 1 if value >= 10 else 2
    return f"{value:.{decimals}f}{NARROW}mL"


def signed_mm(value: Number | None) -> str:
    """A change in millimetres, with its sign."""
    return DASH if value is None or is_absent(value) else f"{_signed(value, 1)}{NARROW}mm"


def percent(ratio: Number | None) -> str:
    """A fraction as a signed percentage.

    >>> percent(Decimal("-0.4221"))
    '−42.2\\u202f%'
    """
    return DASH if ratio is None or is_absent(ratio) else f"{_signed(ratio * 100, 1)}{NARROW}%"


def number(value: Number | None) -> str:
    """A feature's value with four significant digits; very large and very small ones as powers of ten.

    >>> number(1234.5678), number(0.000012345), number(-3.0)
    ('1235', '1.234×10⁻⁵', '−3.000')
    """
    if value is None:
        return DASH
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(float(value))))
    if -4 < size < 6:
        return f"{value:.{max(0, 3 - size)}f}".replace("-", MINUS)
    mantissa = f"{float(value) / 10.0**size:.3f}".replace("-", MINUS)
    return f"{mantissa}×10{_raised(size)}"


def signed(value: Number | None) -> str:
    """A change of a feature, with its sign and four significant digits."""
    if value is None:
        return DASH
    words = number(value)
    return words if value < 0 or value == 0 else f"+{words}"


def size_of_file(value: int | None) -> str:
    """Bytes as kB, MB or GB."""
    amount = float(value or 0)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f}{NARROW}{unit}" if unit != "MB" else f"{amount:.1f}{NARROW}{unit}"
        amount /= 1000
    return f"{amount:.2f}{NARROW}GB"


def _signed(value: Number, decimals: int) -> str:
    text = f"{value:+.{decimals}f}".replace("-", MINUS)
    return text[1:] if float(text[1:]) == 0 else text


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
