"""DICOM times and date-times as moments on the scanner's own clock."""

import re
from datetime import datetime, timedelta

from radiomics_tasks.imaging.series.header import Header, day


def moment(header: Header, date_keyword: str, time_keyword: str) -> datetime | None:
    """A date and a time element as one moment, or None where one of them is missing."""
    on, at = header.day(date_keyword), time_of_day(header.text(time_keyword))
    return None if on is None or at is None else datetime.combine(on, datetime.min.time()) + at


def time_of_day(value: str) -> timedelta | None:
    """A DICOM time (HHMMSS.FFFFFF, at least hours and minutes) since midnight."""
    match = re.fullmatch(r"([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9](?:\.[0-9]{1,6})?)?", value)
    if match is None:
        return None
    return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=float(match[3] or 0))


def date_time(value: str) -> datetime | None:
    """A DICOM date-time as local wall time; its offset is dropped, for the other times carry none."""
    stamp = re.split(r"[+&-]", value)[0]
    on, at = day(stamp[:8]), time_of_day(stamp[8:])
    return None if on is None or at is None else datetime.combine(on, datetime.min.time()) + at
