"""A reconstruction kernel's name to soft, medium or sharp, by a table that a site may edit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNKNOWN = "unknown"
_NAME = re.compile(r"([A-Za-z]+)([0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class KernelClass:
    """Kernels of one class: a maker's names, or a letter code with numbers from `low` to `high`, both counted.

    `maker` is a word of the manufacturer's name, lower case.
    """

    maker: str
    kernel_class: str
    names: frozenset[str]
    low: int | None = None
    high: int | None = None

    def holds(self, letters: str, number: int | None) -> bool:
        """Whether a kernel belongs here; the end of a range that is not given is open."""
        if letters not in self.names:
            return False
        if self.low is None and self.high is None:
            return number is None
        return number is not None and (self.low or 0) <= number <= (number if self.high is None else self.high)


def kernel_class(manufacturer: str, kernel: str, table: Sequence[KernelClass]) -> str:
    """The class of a kernel, or "unknown" where the table has no line for it; the first of several names counts.

    Examples
    --------
    >>> table = (KernelClass("siemens", "soft", frozenset({"b", "br"}), high=36),)
    >>> kernel_class("SIEMENS", "B30f", table), kernel_class("Siemens Healthineers", "Br36d\\\\3", table)
    ('soft', 'soft')
    >>> kernel_class("SIEMENS", "B80f", table), kernel_class("GE MEDICAL SYSTEMS", "B30f", table)
    ('unknown', 'unknown')
    """
    makers = set(re.findall(r"[a-z]+", manufacturer.casefold()))
    match = _NAME.match(kernel.split("\\")[0].strip())
    if match is None:
        return UNKNOWN
    letters, number = match[1].casefold(), int(match[2]) if match[2] else None
    lines = (line for line in table if line.maker in makers and line.holds(letters, number))
    return next((line.kernel_class for line in lines), UNKNOWN)
