"""Both criteria under each other, visit by visit, with new lesions and the windows for confirming scans."""

from collections.abc import Iterator, Mapping
from datetime import date

from monitoring.charts import theme
from monitoring.charts.lanes import Lane, marks
from monitoring.charts.response.calls import CourseCalls
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.findings import Response, UnconfirmedProgression
from patients.timeline import Timepoint
from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NewDisease

RECIST, IMMUNE, NEW, CONFIRM = "RECIST 1.1", "iRECIST", "New lesion", "Confirm"
ROW_PX, TALL_ROW_PX, LETTER_PX = 28, 40, 6.4
BETTER = {ResponseCategory.CR, ResponseCategory.PR, ResponseCategory.ICR, ResponseCategory.IPR, ResponseCategory.NED}
WORSE = {ResponseCategory.PD, ResponseCategory.IUPD, ResponseCategory.ICPD}
# What is too long for one row of letters, or is not a word.
LETTERS = {
    ResponseCategory.NON_CR_NON_PD: "non-CR/<br>non-PD",
    ResponseCategory.NON_ICR_NON_IUPD: "non-iCR/<br>non-iUPD",
    ResponseCategory.EQUIVOCAL_REAPPEARANCE: "CR?",
    ResponseCategory.POST_ICPD: "after<br>iCPD",
    ResponseCategory.NA: "–",
}
OUTCOMES = {"CONFIRMED": "confirmed", "RESET": "reset", "OPEN": "open"}


def calls_lane(calls: CourseCalls, axis: TimeAxis, bookings: Mapping[date, str]) -> Lane | None:
    """The letters of RECIST 1.1 above those of iRECIST, then new lesions and confirmation windows where there are any.

    `bookings` says of each unconfirmed progression, by its day, where its confirming scan stands. None where
    nobody assessed a visit.
    """
    if not calls.overall:
        return None
    rows = {0: RECIST, -1: IMMUNE}
    traces = [_letters(calls, calls.overall, 0, axis), _letters(calls, calls.immune, -1, axis)]
    new = _new_lesions(calls, axis, -len(rows))
    if new:
        rows[-len(rows)] = NEW
        traces.append(new)
    shapes: list[Json] = []
    notes: list[Json] = []
    if calls.blocks:
        foot = -len(rows)
        rows[foot] = CONFIRM
        for block in calls.blocks:
            shapes.append(_bar(block, foot, axis))
            notes += _window_words(calls, block, foot, axis, bookings)
    is_tall = any("<br>" in text for trace in traces[:2] for text in trace["text"])
    height = (TALL_ROW_PX if is_tall else ROW_PX) * len(rows)
    return Lane(height, "", 0.5 - len(rows), 0.5, traces, shapes=shapes, notes=notes, rows=rows, is_lettered=True)


def place_of(calls: CourseCalls, visit: Timepoint, axis: TimeAxis) -> str | int:
    """Where the letters of a visit stand: over the point of its sum."""
    found = calls.sums.get(visit.pk)
    return axis.place(found.assessed_on if found else visit.last_on)


def letters_of(response: Response) -> str:
    """A category in the letters that people use, with what it was revised to."""
    said = _short(response.category)
    return f"{said} → {_short(response.revised)}" if response.revised else said


def _short(category: ResponseCategory) -> str:
    return LETTERS.get(category, category.value)


def _letters(calls: CourseCalls, called: Mapping[int, Response], row: int, axis: TimeAxis) -> Json:
    visits = [visit for visit in calls.timeline.timepoints if visit.pk in called]
    places = [place_of(calls, visit, axis) for visit in visits]
    trace = marks(places, [row] * len(visits), RECIST if row == 0 else IMMUNE)
    read = [visit.pk in calls.judgements for visit in visits]
    texts = [letters_of(called[v.pk]) if is_read else "not read" for v, is_read in zip(visits, read, strict=True)]
    colours = [_colour(called[v.pk]) if is_read else theme.SOFT for v, is_read in zip(visits, read, strict=True)]
    if row == 0:
        # What comes after progression is no response any more.
        after = [calls.progressed_before(visit) is not None for visit in visits]
        colours = [theme.SOFT if is_after else colour for is_after, colour in zip(after, colours, strict=True)]
    trace |= {"mode": "text", "text": texts, "textposition": "middle center"}
    trace["textfont"] = {"size": 13, "color": colours, "weight": "bold"}
    trace["customdata"] = [{"timepoint": visit.pk} for visit in visits]
    return trace


def _colour(response: Response) -> str:
    category = response.revised or response.category
    if category in BETTER:
        return theme.BETTER
    return theme.WORSE if category in WORSE else theme.INK


def _new_lesions(calls: CourseCalls, axis: TimeAxis, row: int) -> Json | None:
    """A star where a new lesion is unequivocal, a hollow one where it is equivocal."""
    looks = {NewDisease.YES: "star", NewDisease.EQUIVOCAL: "star-open"}
    visits = [v for v in calls.called_visits if (said := calls.judgements.get(v.pk)) and said.new in looks]
    if not visits:
        return None
    trace = marks([place_of(calls, visit, axis) for visit in visits], [row] * len(visits), NEW)
    symbols = [looks[calls.judgements[visit.pk].new] for visit in visits]
    trace["marker"] = {
        "symbol": symbols,
        "size": 13,
        "color": theme.WORSE,
        "line": {"width": 1.5, "color": theme.WORSE},
    }
    trace["customdata"] = [{"timepoint": visit.pk} for visit in visits]
    return trace


def _bar(block: UnconfirmedProgression, row: int, axis: TimeAxis) -> Json:
    """The window as a bar in its row, hollow once it is settled."""
    is_open = block.outcome == "OPEN"
    x0, x1 = (axis.place(axis.clipped(day)) for day in (block.confirm_from, block.confirm_until))
    look = {"fillcolor": theme.THERAPY if is_open else theme.NOTHING, "line": {"color": theme.SOFT, "width": 1}}
    return {"type": "rect", "x0": x0, "x1": x1, "y0": row - 0.3, "y1": row + 0.3, "layer": "below", **look}


def window_bands(calls: CourseCalls, axis: TimeAxis, lane: Lane) -> Iterator[Json]:
    """Each window as a band over the whole height of a lane, under what is drawn there."""
    for block in calls.blocks:
        x0, x1 = (axis.place(axis.clipped(day)) for day in (block.confirm_from, block.confirm_until))
        look = {"fillcolor": theme.THERAPY, "opacity": 0.45, "line": {"width": 0}, "layer": "below"}
        yield {"type": "rect", "x0": x0, "x1": x1, "y0": lane.low, "y1": lane.high, **look}


def words_of(block: UnconfirmedProgression, bookings: Mapping[date, str]) -> str:
    """A window in words: when to confirm, and what became of it."""
    when = f"{short_day(block.confirm_from)} – {short_day(block.confirm_until)}"
    if block.outcome == "OPEN":
        standing = bookings.get(block.opened_on, "")
        return f"{when}, {standing}" if standing else when
    return f"{when}: {OUTCOMES[block.outcome]}"


def short_day(on: date) -> str:
    """A date without its year, beside an axis that shows it: 9 Apr."""
    return f"{on.day} {on:%b}"


def _window_words(
    calls: CourseCalls, block: UnconfirmedProgression, row: int, axis: TimeAxis, bookings: Mapping[date, str]
) -> Iterator[Json]:
    """The words beside the bar, on the side that has room for them; without room they are left to the table."""
    words = words_of(block, bookings)
    needed_px = LETTER_PX * len(words) + 10
    later = [other.confirm_from for other in calls.blocks if other.confirm_from > block.confirm_from]
    earlier = [other.confirm_until for other in calls.blocks if other.confirm_until < block.confirm_until]
    right_end, left_end = min([axis.last_on, *later]), max([axis.first_on, *earlier])
    look = {"y": row, "text": words, "font": {"size": 12, "color": theme.SOFT}}
    until, since = axis.clipped(block.confirm_until), axis.clipped(block.confirm_from)
    if axis.across_px(until, right_end) >= needed_px:
        yield {"x": axis.place(until), "xanchor": "left", "xshift": 6, **look}
    elif axis.across_px(left_end, since) >= needed_px:
        yield {"x": axis.place(since), "xanchor": "right", "xshift": -6, **look}
