"""Demo patients whose progression asks something: of one lesion, after a response, and of a patient who gets worse."""

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

DISSOCIATED = DemoPatient(
    pseudonym="SYN-05",
    disease="Urothelial carcinoma with liver metastases",
    story="One lesion shrinks while the other grows: the sum says stable.",
    birth_date=date(1956, 3, 1),
    sex="F",
    build=Build(size=0.95, fat_mm=17, muscle_mm=8, seed=105),
    courses=(DemoCourse("Atezolizumab", DrugClass.ANTI_PD1, date(2024, 1, 22)),),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-80, 10, -54),
            sizes_mm=(40, 24, 23),
            interiors=interiors((14, 16, 15), (0.20, 0.30, 0.25)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment III",
            look=Look.LIVER_METASTASIS,
            centre_mm=(18, -44, -54),
            sizes_mm=(22, 33, 35),
            interiors=interiors((14, 17, 17), (0.10, 0.15, 0.15)),
            proportions=(1.0, 0.78, 0.8),
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 1, 22),
        days=(-7, 58, 102),
        poses=poses(105, STILL, ((2, 0, 3), 1.0), ((-1, 1, -3), -1.3)),
        sums_mm=(62, 57, 58),
        responses=(ResponseCategory.BASELINE, ResponseCategory.SD, ResponseCategory.SD),
        region="Abdomen",
        lowest_mm=(-88,),
        slices=28,
    ).visits(),
)

ACQUIRED_RESISTANCE = DemoPatient(
    pseudonym="SYN-11",
    disease="Melanoma with liver metastases",
    story="A response of five months, then growth that is confirmed.",
    birth_date=date(1974, 10, 1),
    sex="M",
    build=Build(size=1.0, fat_mm=13, muscle_mm=12, seed=111),
    courses=(DemoCourse("Nivolumab", DrugClass.ANTI_PD1, date(2023, 9, 18), date(2024, 4, 15)),),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VIII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-80, 6, -54),
            sizes_mm=(42, 26, 21, 29, 37),
            interiors=interiors((14, 16, 14, 16, 18), (0.20, 0.25, 0.20, 0.25, 0.30)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment II",
            look=Look.LIVER_METASTASIS,
            centre_mm=(20, -46, -52),
            sizes_mm=(28, 18, 15, 19, 24),
            interiors=interiors((14, 14, 14, 15, 15), (0.15, 0.15, 0.10, 0.15, 0.15)),
        ),
    ),
    visits=Schedule(
        started_on=date(2023, 9, 18),
        days=(-7, 57, 99, 168, 204),
        poses=poses(111, STILL, ((2, 1, 3), 0.9), ((-2, 0, -3), -1.1), ((1, -1, 2), 1.4), ((-1, 0, -2), -0.7)),
        sums_mm=(70, 44, 36, 48, 61),
        responses=(
            ResponseCategory.BASELINE,
            ResponseCategory.PR,
            ResponseCategory.PR,
            ResponseCategory.PD,
            ResponseCategory.PD,
        ),
        region="Abdomen",
        lowest_mm=(-88,),
        slices=28,
    ).visits(),
)

DETERIORATING = DemoPatient(
    pseudonym="SYN-17",
    disease="Non-small-cell lung cancer",
    story="Growth at the first scan while the patient gets worse: no score is asked for; death at day 112.",
    birth_date=date(1950, 8, 1),
    sex="F",
    build=Build(size=0.93, fat_mm=10, muscle_mm=8, seed=118),
    courses=(DemoCourse("Pembrolizumab", DrugClass.ANTI_PD1, date(2024, 3, 18), date(2024, 5, 20)),),
    lesions=(
        DemoLesion(
            name="lung 1",
            organ=Organ.LUNG,
            site="Right lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(-78, 20, 64),
            sizes_mm=(34, 44),
            interiors=interiors((14, 18), (0.15, 0.25)),
        ),
        DemoLesion(
            name="lung 2",
            organ=Organ.LUNG,
            site="Left lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(88, 20, 62),
            sizes_mm=(24, 31),
            interiors=interiors((14, 16), (0.10, 0.15)),
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 3, 18),
        days=(-7, 60),
        poses=poses(118, STILL, ((2, -1, 3), 1.0)),
        sums_mm=(58, 75),
        responses=(ResponseCategory.BASELINE, ResponseCategory.PD),
        region="Chest",
        lowest_mm=(34,),
        slices=24,
    ).visits(),
    died_on=date(2024, 7, 8),
)

SCORED_LOW = DemoPatient(
    pseudonym="SYN-18",
    disease="Melanoma with liver metastases",
    story="Blood and growth spoke for progression, and the score with them; then the lesions shrank.",
    birth_date=date(1968, 12, 1),
    sex="M",
    build=Build(size=0.98, fat_mm=15, muscle_mm=10, seed=119),
    courses=(DemoCourse("Pembrolizumab", DrugClass.ANTI_PD1, date(2024, 2, 26)),),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-82, 12, -54),
            sizes_mm=(28, 39, 19),
            interiors=interiors((14, 18, 15), (0.15, 0.25, 0.20)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment III",
            look=Look.LIVER_METASTASIS,
            centre_mm=(18, -44, -54),
            sizes_mm=(22, 30, 14),
            interiors=interiors((14, 16, 14), (0.10, 0.15, 0.10)),
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 2, 26),
        days=(-7, 58, 101),
        poses=poses(119, STILL, ((-2, 0, 3), -1.0), ((2, 1, -4), 1.1)),
        sums_mm=(50, 69, 33),
        responses=(ResponseCategory.BASELINE, ResponseCategory.PD, ResponseCategory.PR),
        region="Abdomen",
        lowest_mm=(-88,),
        slices=28,
    ).visits(),
)
