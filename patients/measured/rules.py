"""What makes one patient's rows impossible: lines of therapy, lesions and judgements that contradict each other."""

from collections import Counter
from collections.abc import Iterator

from patients.measured.cells import as_text
from patients.measured.rows import CourseNamed, LesionNamed, MeasuredRow, TableProblem
from patients.measured.standing import PatientRows, course_in_force
from patients.vocabulary import LesionRole
from patients.words.reading_words import NewDisease, NonTarget, SizeState

MOST_TARGETS = 5
MOST_TARGETS_AN_ORGAN = 2
NOT_THERE = (SizeState.ABSENT, SizeState.NOT_EVALUABLE, SizeState.MERGED)
IDENTITY = {
    "role": "roles",
    "organ": "organs",
    "is_node": "answers to nodal",
    "kind": "kinds",
    "local_therapy": "local therapies",
    "local_therapy_on": "dates of its local therapy",
}
COLUMN_OF = {"is_node": "nodal", "local_therapy_on": "local_therapy_date"}


def course_problems(here: PatientRows) -> Iterator[TableProblem]:
    """Lines of therapy: one for each day zero, with a visit on or before it, and the one in force at each visit."""
    told: set[object] = set()
    for row in here.rows:
        problem = _course_problem(here, row)
        if problem and (problem.column, problem.sentence) not in told:
            told.add((problem.column, problem.sentence))
            yield problem


def _course_problem(here: PatientRows, row: MeasuredRow) -> TableProblem | None:
    course, in_force = row.course, course_in_force(row.on, here.all_courses)
    if course is None:
        sentence = "It is empty here and not in other rows of this patient, or not in what is filed."
        return TableProblem(row.number, "course_start", sentence) if in_force else None
    if course.stopped_on and course.stopped_on < course.started_on:
        return TableProblem(row.number, "course_stop", f"The course stops before its start on {course.started_on}.")
    if here.days[0] > course.started_on:
        sentence = f"The baseline comes after treatment start: no visit on or before {course.started_on}."
        return TableProblem(row.number, "course_start", sentence)
    same_day = next(known for known in here.all_courses if known.started_on == course.started_on)
    if not _is_same(course, same_day):
        sentence = (
            f"The course of {course.started_on} is {same_day.name}, {same_day.drug_class}, elsewhere or as filed."
        )
        return TableProblem(row.number, "course_name", sentence)
    if in_force != same_day:
        sentence = f"At {row.on} the course of {in_force.started_on if in_force else ''} is in force, not this one."
        return TableProblem(row.number, "course_start", sentence)
    return None


def _is_same(course: CourseNamed, known: CourseNamed) -> bool:
    """Whether a row speaks of the known course; dates that it leaves open may have been entered since."""
    dates = ((course.stopped_on, known.stopped_on), (course.randomised_on, known.randomised_on))
    said = all(one is None or one == other for one, other in dates)
    return said and (course.name, course.drug_class) == (known.name, known.drug_class)


def lesion_problems(here: PatientRows) -> Iterator[TableProblem]:
    """Lesions: each one thing only, there since it was found, and no more targets than RECIST 1.1 takes."""
    yield from _two_of_one(here)
    for name, lesion in here.lesions.items():
        yield from _existence(here, name, lesion)
    yield from _too_many_targets(here)
    for row in here.rows:
        yield from _merge_problems(here, row)


def _two_of_one(here: PatientRows) -> Iterator[TableProblem]:
    filed = {lesion.name: lesion for lesion in here.known.patient.lesions}
    first: dict[str, MeasuredRow] = {}
    for row in here.rows:
        if row.sized is None:
            continue
        lesion, one = row.sized.lesion, first.setdefault(row.lesion_name, row)
        if lesion.name in filed:
            yield from _differences(row.number, lesion, filed[lesion.name], "as filed", may_be_open=True)
        elif one.sized:
            yield from _differences(row.number, lesion, one.sized.lesion, f"in row {one.number}")


def _differences(
    number: int, lesion: LesionNamed, other: LesionNamed, where: str, *, may_be_open: bool = False
) -> Iterator[TableProblem]:
    for field, words in IDENTITY.items():
        here, there = getattr(lesion, field), getattr(other, field)
        if here != there and not (may_be_open and here is None):
            sentence = (
                f"{lesion.name} has two {words}: {as_text(here) or 'none'} here, {as_text(there) or 'none'} {where}."
            )
            yield TableProblem(number, COLUMN_OF.get(field, field), sentence)


def _existence(here: PatientRows, name: str, lesion: LesionNamed) -> Iterator[TableProblem]:
    on, visit = next(here.seen(name))
    state = next(one.state for one in visit.sized if one.lesion.name == name)
    row = next(row for row in here.rows if row.lesion_name == name)
    if lesion.role is LesionRole.NEW and on <= here.first_baseline:
        sentence = f"{name} is a new lesion and cannot be there on {on}: baseline is {here.first_baseline}."
        yield TableProblem(row.number, "date", sentence)
    elif lesion.role is LesionRole.NEW and state in NOT_THERE:
        sentence = f"{name} is {state} on {on}, before it was ever seen. A new lesion begins where it is found."
        yield TableProblem(row.number, "state", sentence)
    elif lesion.role is not LesionRole.NEW and not here.baselines & {day for day, _ in here.seen(name)}:
        days = ", ".join(map(str, sorted(here.baselines)))
        sentence = f"{name} is a {lesion.role.label.lower()} lesion without a row at baseline ({days})."
        yield TableProblem(row.number, "lesion", f"{sentence} What came later is NEW.")
    elif lesion.role is not LesionRole.NEW and state is SizeState.ABSENT:
        yield TableProblem(row.number, "state", f"{name} is gone on {on}, before it was ever seen.")


def _too_many_targets(here: PatientRows) -> Iterator[TableProblem]:
    targets = 0
    organs: Counter[str] = Counter()
    for lesion in here.targets.values():
        organ = "nodes" if lesion.is_node else lesion.organ.value
        targets, organs[organ] = targets + 1, organs[organ] + 1
        row = next((row for row in here.rows if row.lesion_name == lesion.name), here.rows[0])
        if targets > MOST_TARGETS:
            sentence = f"RECIST 1.1 takes at most {MOST_TARGETS} target lesions; {lesion.name} is one more."
            yield TableProblem(row.number, "role", sentence)
        elif organs[organ] > MOST_TARGETS_AN_ORGAN:
            sentence = (
                f"RECIST 1.1 takes at most {MOST_TARGETS_AN_ORGAN} targets in one organ; {lesion.name} is one more."
            )
            yield TableProblem(row.number, "role", sentence)


def _merge_problems(here: PatientRows, row: MeasuredRow) -> Iterator[TableProblem]:
    into = row.sized.merged_into if row.sized else ""
    if into and (into == row.lesion_name or into not in {one.lesion.name for one in here.visits[row.visit].sized}):
        sentence = f"It names {into}, which is no other lesion of this visit."
        yield TableProblem(row.number, "merged_into", sentence)


def visit_problems(here: PatientRows) -> Iterator[TableProblem]:
    """Judgements: they may not contradict the lesions of the visit, and no target is passed over."""
    told: set[object] = set()
    has_non_targets = any(
        lesion.role is LesionRole.NON_TARGET for lesion in (*here.lesions.values(), *here.known.patient.lesions)
    )
    for row in here.rows:
        if row.visit not in told:
            told.add(row.visit)
            yield from _judgement_problems(here, row, has_non_targets=has_non_targets)
        yield from _unsaid_new(here, row)


def _judgement_problems(here: PatientRows, row: MeasuredRow, *, has_non_targets: bool) -> Iterator[TableProblem]:
    judged = row.judged
    for first, last in here.known.visit_days:
        if first <= row.on < last:
            sentence = f"Scans from {first} to {last} are filed as one visit. Date it by its last scan."
            yield TableProblem(row.number, "date", sentence)
    if judged.non_target is NonTarget.NA and has_non_targets:
        yield TableProblem(row.number, "non_target", "NA says that there were none at baseline; rows name some.")
    if row.on <= here.first_baseline and judged.new_disease in (NewDisease.YES, NewDisease.EQUIVOCAL):
        yield TableProblem(row.number, "new_disease", f"Nothing is new at baseline ({here.first_baseline}).")
    yield from _untold_targets(here, row)


def _untold_targets(here: PatientRows, row: MeasuredRow) -> Iterator[TableProblem]:
    """Targets of which the visit says nothing, unless they were treated by themselves."""
    told = {one.lesion.name for one in here.visits[row.visit].sized}
    for name, lesion in here.targets.items():
        first_on = next((on for on, _ in here.seen(name)), row.on)
        if name not in told and lesion.local_therapy is None and first_on <= row.on:
            sentence = (
                f"The visit of {row.on} says nothing of {name}. A target that was not evaluable has the state NE."
            )
            yield TableProblem(row.number, "lesion", sentence)


def _unsaid_new(here: PatientRows, row: MeasuredRow) -> Iterator[TableProblem]:
    """A new lesion that is found at a visit of which the reader says that nothing is new."""
    if row.sized is None or row.sized.lesion.role is not LesionRole.NEW or row.on <= here.first_baseline:
        return
    is_first = next(here.seen(row.lesion_name))[0] == row.on
    if is_first and row.sized.state not in NOT_THERE and row.judged.new_disease in (NewDisease.NO, NewDisease.NE):
        sentence = f"{row.judged.new_disease} is said, and {row.lesion_name} is first found here. Write YES or EQ."
        yield TableProblem(row.number, "new_disease", sentence)
