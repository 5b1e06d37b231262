"""Demo patients with lung metastases: a course that ends with a question, and one that stays near a threshold."""

from datetime import date

from patients.vocabulary import DrugClass, Organ, ResponseCategory
from radiomics_tasks.imaging.phantom.anatomy.torso import Build
from radiomics_tasks.imaging.phantom.cohort.plan import (
    STILL,
    DemoCourse,
    DemoLesion,
    DemoPatient,
    Schedule,
    interiors,
    poses,
)
from radiomics_tasks.imaging.phantom.picture.tissue import Look

UNANSWERED = DemoPatient(
    pseudonym="SYN-04",
    disease="Renal cell carcinoma with lung metastases",
    story="Growth at the first scan, death at day 140 before another: whether it was progression stays open.",
    birth_date=date(1953, 5, 1),
    sex="M",
    build=Build(size=1.0, fat_mm=13, muscle_mm=11, seed=104),
    courses=(DemoCourse("Nivolumab", DrugClass.ANTI_PD1, date(2023, 9, 4), date(2023, 12, 11)),),
    lesions=(
        DemoLesion(
            name="lung 1",
            organ=Organ.LUNG,
            site="Right lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(-80, 18, 62),
            sizes_mm=(36, 45),
            interiors=interiors((14, 20), (0.20, 0.30)),
        ),
        DemoLesion(
            name="lung 2",
            organ=Organ.LUNG,
            site="Left upper lobe",
            look=Look.LUNG_MASS,
            centre_mm=(92, 8, 64),
            sizes_mm=(30, 37),
            interiors=interiors((14, 18), (0.10, 0.20)),
        ),
    ),
    visits=Schedule(
        started_on=date(2023, 9, 4),
        days=(-7, 61),
        poses=poses(104, STILL, ((2, -1, 4), 1.2)),
        sums_mm=(66, 82),
        responses=(ResponseCategory.BASELINE, ResponseCategory.PD),
        region="Chest",
        lowest_mm=(32,),
        slices=26,
    ).visits(),
    died_on=date(2024, 1, 22),
)

NEAR_THRESHOLD = DemoPatient(
    pseudonym="SYN-13",
    disease="Urothelial carcinoma",
    story="Sums on either side of a response: another reader might have called them otherwise.",
    birth_date=date(1957, 8, 1),
    sex="F",
    build=Build(size=0.96, fat_mm=16, muscle_mm=9, seed=113),
    courses=(DemoCourse("Pembrolizumab", DrugClass.ANTI_PD1, date(2024, 1, 8)),),
    lesions=(
        DemoLesion(
            name="lung 1",
            organ=Organ.LUNG,
            site="Right lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(-78, 18, 66),
            sizes_mm=(40, 28, 28, 29),
            interiors=interiors((14, 15, 15, 15), (0.20, 0.20, 0.20, 0.20)),
        ),
        DemoLesion(
            name="lung 2",
            organ=Organ.LUNG,
            site="Left lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(88, 22, 64),
            sizes_mm=(32, 23, 22, 23),
            interiors=interiors((14, 14, 14, 14), (0.10, 0.10, 0.10, 0.10)),
        ),
        DemoLesion(
            name="node 1",
            organ=Organ.LYMPH_NODE,
            site="Subcarinal (7)",
            look=Look.NODE,
            centre_mm=(0, 12, 66),
            sizes_mm=(28, 20, 19, 20),
            interiors=interiors((13, 12, 12, 12), (0.03, 0.05, 0.05, 0.05)),
            proportions=(1.0, 0.76, 0.8),
            is_node=True,
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 1, 8),
        days=(-7, 59, 103, 168),
        poses=poses(113, STILL, ((-2, 1, 4), -1.0), ((2, 0, -3), 0.9), ((1, -1, 3), 1.6)),
        sums_mm=(100, 71, 69, 72),
        responses=(ResponseCategory.BASELINE, ResponseCategory.SD, ResponseCategory.PR, ResponseCategory.SD),
        region="Chest",
        lowest_mm=(36,),
        slices=25,
    ).visits(),
    is_near_threshold=True,
)
