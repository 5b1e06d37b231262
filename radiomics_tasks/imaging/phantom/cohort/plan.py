"""The words of a made-up patient: lesions with their true sizes, visits with what must be concluded from them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from patients.vocabulary import DrugClass, LesionRole, Modality, Organ, OutlineFormat, ResponseCategory
from patients.words.reading_words import NewLesionKind
from radiomics_tasks.imaging.phantom.anatomy.torso import Build
from radiomics_tasks.imaging.phantom.picture.canvas import Pose
from radiomics_tasks.imaging.phantom.picture.tissue import Interior, Look, Phase
from radiomics_tasks.imaging.phantom.uids import uid_from

Vector = tuple[float, float, float]
# Shift and turn of a patient who lies as planned.
STILL: tuple[Vector, float] = ((0.0, 0.0, 0.0), 0.0)


@dataclass(frozen=True)
class DemoCourse:
    """One line of therapy; `holds` are the first and the last day of each pause."""

    name: str
    drug_class: DrugClass
    started_on: date
    stopped_on: date | None = None
    holds: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class DemoLesion:
    """One lesion through all visits: its truth, apart from what any reader will draw.

    Attributes
    ----------
    name
        Segment label or ROI name, and tracking identifier.
    centre_mm
        Where its middle lies in the body: patient's left, back and up from the top of the right diaphragm (head:
        from the level of the lateral ventricles).
    sizes_mm
        True longest diameter, for nodes the true short axis, one per visit; None where it is not on the scan.
    interiors
        Texture truth, one per visit.
    proportions
        Of its axes (x, y, z).
    new_kind
        Of a new lesion: whether it is measured in a sum of its own.
    """

    name: str
    organ: Organ
    site: str
    look: Look
    centre_mm: Vector
    sizes_mm: tuple[float | None, ...]
    interiors: tuple[Interior, ...]
    proportions: Vector = (1.0, 0.86, 0.82)
    modality: Modality = Modality.CT
    role: LesionRole = LesionRole.TARGET
    is_node: bool = False
    new_kind: NewLesionKind | None = None


@dataclass(frozen=True)
class DemoFinding:
    """Non-target disease that nobody outlines."""

    name: str
    organ: Organ
    site: str


@dataclass(frozen=True)
class Scanner:
    """What a scanner says of itself, and the name of its kernel; `is_sharp` is what that kernel does."""

    manufacturer: str = "Synthetic Scanners"
    model: str = "Phantom 64"
    serial: str = "1"
    kernel: str = "STANDARD"
    is_sharp: bool = False


USUAL_SCANNER = Scanner()
SHARP_SCANNER = Scanner("Synthetic Imaging", "Specimen 128", "7", "SHARP", is_sharp=True)


@dataclass(frozen=True)
class DemoScan:
    """One scan of a visit.

    Attributes
    ----------
    lowest_mm, slices, spacing_mm
        Height of the lowest slice above the top of the right diaphragm, slice count, (x, y, z) voxel size.
    pixels
        Rows and columns.
    pose
        How the patient lay.
    table_mm
        What the scanner called the height that the body calls zero: tables are zeroed anew at every visit.
    has_delay
        Whether the tags tell when the contrast agent was injected.
    number
        Of the day's scans of one modality, from 1.
    """

    modality: Modality
    acquired_on: date
    region: str
    lowest_mm: float
    slices: int
    spacing_mm: Vector
    pixels: int
    pose: Pose
    table_mm: float = 0.0
    scanner: Scanner = USUAL_SCANNER
    phase: Phase = Phase.PORTAL
    has_delay: bool = True
    number: int = 1

    @property
    def words(self) -> tuple[str, ...]:
        """What tells it from every other scan of its patient."""
        day = (f"{self.acquired_on}", f"{self.modality}")
        return day if self.number == 1 else (*day, f"{self.number}")


@dataclass(frozen=True)
class DemoVisit:
    """One timepoint: its scans, and what the numbers must say.

    `sum_mm` is the true target sum, None where a target is missing or there is none; `response` the expected target
    response.
    """

    scans: tuple[DemoScan, ...]
    sum_mm: float | None
    response: ResponseCategory


@dataclass(frozen=True)
class DemoPatient:
    """A made-up patient, whole.

    `is_near_threshold`: a sum is meant to lie within a reader's noise of a threshold.
    """

    pseudonym: str
    disease: str
    story: str
    birth_date: date
    sex: str
    build: Build
    courses: tuple[DemoCourse, ...]
    lesions: tuple[DemoLesion, ...]
    visits: tuple[DemoVisit, ...]
    outlines: OutlineFormat = OutlineFormat.SEG
    findings: tuple[DemoFinding, ...] = ()
    died_on: date | None = None
    is_near_threshold: bool = False

    def tracking_uid(self, lesion: DemoLesion) -> str:
        """The same at every visit, and in every run of the generator."""
        return uid_from("lesion", self.pseudonym, lesion.name)


@dataclass(frozen=True)
class Schedule:
    """Visits as days from the start of treatment, and how the patient lay at each."""

    started_on: date
    days: tuple[int, ...]
    poses: tuple[Pose, ...]
    sums_mm: tuple[float | None, ...]
    responses: tuple[ResponseCategory, ...]
    region: str
    lowest_mm: tuple[float, ...]
    slices: int
    slice_mm: float = 2.5
    pixel_mm: tuple[float, ...] = (0.75,)
    table_mm: tuple[float, ...] = (0.0,)

    def visits(self) -> tuple[DemoVisit, ...]:
        """One CT for each visit; a single entry of `lowest_mm`, `pixel_mm` or `table_mm` stands for all."""
        return tuple(
            DemoVisit((self._scan(index),), self.sums_mm[index], self.responses[index])
            for index in range(len(self.days))
        )

    def _scan(self, index: int) -> DemoScan:
        pixel_mm = self.pixel_mm[min(index, len(self.pixel_mm) - 1)]
        return DemoScan(
            Modality.CT,
            self.started_on + timedelta(days=self.days[index]),
            self.region,
            self.lowest_mm[min(index, len(self.lowest_mm) - 1)],
            self.slices,
            (pixel_mm, pixel_mm, self.slice_mm),
            512,
            self.poses[index],
            self.table_mm[min(index, len(self.table_mm) - 1)],
        )


def with_first_scan(
    visits: tuple[DemoVisit, ...], number: int, change: Callable[[DemoScan], DemoScan]
) -> tuple[DemoVisit, ...]:
    """The same visits, but for the first scan of one of them (counted from zero)."""
    visit = visits[number]
    changed = replace(visit, scans=(change(visit.scans[0]), *visit.scans[1:]))
    return (*visits[:number], changed, *visits[number + 1 :])


def with_repeats(visits: tuple[DemoVisit, ...], lying: tuple[Pose, ...]) -> tuple[DemoVisit, ...]:
    """Every visit scanned a second time on its day: the patient got up and lay down again."""
    return tuple(
        replace(visit, scans=(*visit.scans, replace(visit.scans[0], pose=pose, number=2)))
        for visit, pose in zip(visits, lying, strict=True)
    )


def poses(seed: int, *places: tuple[Vector, float]) -> tuple[Pose, ...]:
    """Shift in mm and turn in degrees of one patient at each visit."""
    return tuple(Pose(shift, turn, seed) for shift, turn in places)


def interiors(
    sd_hu: tuple[float, ...], necrotic_ratio: tuple[float, ...], fwhm_mm: float = 3.0
) -> tuple[Interior, ...]:
    """Texture truth of one lesion, visit by visit."""
    return tuple(Interior(sd, fwhm_mm, ratio) for sd, ratio in zip(sd_hu, necrotic_ratio, strict=True))
