"""Dates as a person reads them, everywhere the same and never mistaken for a month-first date; no Django."""

from datetime import date


def day(on: date) -> str:
    """A date for reading.

    >>> day(date(2024, 3, 2))
    '2 Mar 2024'
    """
    return f"{on.day} {on:%b %Y}"


def days(first: date, last: date) -> str:
    """The dates of one visit: one day, or from the first to the last.

    >>> days(date(2024, 3, 3), date(2024, 3, 3)), days(date(2024, 3, 3), date(2024, 3, 6))
    ('3 Mar 2024', '3–6 Mar 2024')
    >>> days(date(2024, 3, 29), date(2024, 4, 1)), days(date(2023, 12, 30), date(2024, 1, 2))
    ('29 Mar – 1 Apr 2024', '30 Dec 2023 – 2 Jan 2024')
    """
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    return f"{day(first) if first.year != last.year else f'{first.day} {first:%b}'} – {day(last)}"
