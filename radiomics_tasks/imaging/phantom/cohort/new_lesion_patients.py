"""Demo patients in whom something new appears: under a response, without any target, and what is no tumour."""

from datetime import date

from patients.vocabulary import DrugClass, LesionRole, Organ, ResponseCategory
from patients.words.reading_words import NewLesionKind
from radiomics_tasks.imaging.phantom.anatomy.torso import Build
from radiomics_tasks.imaging.phantom.cohort.plan import (
    STILL,
    DemoCourse,
    DemoFinding,
    DemoLesion,
    DemoPatient,
    Schedule,
    interiors,
    poses,
)
from radiomics_tasks.imaging.phantom.picture.tissue import Look

NEW_LESION = DemoPatient(
    pseudonym="SYN-06",
    disease="Colorectal carcinoma, mismatch repair deficient",
    story="The targets shrink, but a new lesion appears at the first scan and grows.",
    birth_date=date(1964, 3, 1),
    sex="M",
    build=Build(size=0.99, fat_mm=15, muscle_mm=10, seed=106),
    courses=(DemoCourse("Pembrolizumab", DrugClass.ANTI_PD1, date(2024, 2, 5)),),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-84, 24, -54),
            sizes_mm=(28, 21, 21),
            interiors=interiors((14, 15, 15), (0.20, 0.25, 0.25)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment III",
            look=Look.LIVER_METASTASIS,
            centre_mm=(18, -44, -55),
            sizes_mm=(20, 15, 15),
            interiors=interiors((14, 14, 14), (0.15, 0.15, 0.15)),
        ),
        DemoLesion(
            name="liver 3",
            organ=Organ.LIVER,
            site="Segment V",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-74, -34, -56),
            sizes_mm=(None, 12, 18),
            interiors=interiors((13, 13, 15), (0.10, 0.10, 0.15)),
            role=LesionRole.NEW,
            new_kind=NewLesionKind.TARGET,
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 2, 5),
        days=(-6, 58, 100),
        poses=poses(106, STILL, ((2, 1, -4), 1.1), ((-2, 0, 3), -1.4)),
        sums_mm=(48, 36, 36),
        responses=(ResponseCategory.BASELINE, ResponseCategory.SD, ResponseCategory.SD),
        region="Abdomen",
        lowest_mm=(-86,),
        slices=25,
    ).visits(),
)

WITHOUT_TARGETS = DemoPatient(
    pseudonym="SYN-14",
    disease="Gastric carcinoma with a bone metastasis and ascites",
    story="Nothing to measure: sclerotic bone and fluid stay as they are, then the liver shows a new lesion.",
    birth_date=date(1969, 11, 1),
    sex="F",
    build=Build(size=0.94, fat_mm=12, muscle_mm=8, seed=114, ascites_mm=9),
    courses=(DemoCourse("Nivolumab", DrugClass.ANTI_PD1, date(2024, 3, 4)),),
    lesions=(
        DemoLesion(
            name="bone 1",
            organ=Organ.BONE,
            site="Twelfth thoracic vertebra",
            look=Look.BONE,
            centre_mm=(3, 55, -65),
            sizes_mm=(18, 18.5, 18.5),
            interiors=interiors((60, 60, 60), (0, 0, 0)),
            role=LesionRole.NON_TARGET,
        ),
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VIII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-72, 2, -62),
            sizes_mm=(None, None, 17),
            interiors=interiors((14, 14, 14), (0.15, 0.15, 0.15)),
            role=LesionRole.NEW,
            new_kind=NewLesionKind.TARGET,
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 3, 4),
        days=(-7, 59, 104),
        poses=poses(114, STILL, ((-2, 0, 4), -0.9), ((1, 1, -3), 1.3)),
        sums_mm=(None, None, None),
        responses=(ResponseCategory.NA, ResponseCategory.NA, ResponseCategory.NA),
        region="Abdomen",
        lowest_mm=(-86,),
        slices=20,
    ).visits(),
    findings=(DemoFinding("ascites", Organ.PERITONEUM, "Around the liver and the spleen"),),
)

SARCOID_LIKE = DemoPatient(
    pseudonym="SYN-15",
    disease="Melanoma with lung metastases",
    story="Nodes of both hila at day 105 while the targets shrink; the biopsy shows no tumour.",
    birth_date=date(1974, 1, 1),
    sex="F",
    build=Build(size=0.93, fat_mm=14, muscle_mm=9, seed=115),
    courses=(DemoCourse("Ipilimumab + nivolumab", DrugClass.COMBINED_CHECKPOINT, date(2023, 11, 6)),),
    lesions=(
        DemoLesion(
            name="lung 1",
            organ=Organ.LUNG,
            site="Right lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(-90, 16, 68),
            sizes_mm=(34, 26, 22, 20),
            interiors=interiors((14, 16, 15, 14), (0.15, 0.20, 0.20, 0.15)),
        ),
        DemoLesion(
            name="lung 2",
            organ=Organ.LUNG,
            site="Left lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(90, 20, 66),
            sizes_mm=(26, 19, 17, 16),
            interiors=interiors((14, 14, 14, 14), (0.10, 0.15, 0.15, 0.10)),
        ),
        *(
            DemoLesion(
                name=f"{side} hilar node",
                organ=Organ.LYMPH_NODE,
                site=f"{side.capitalize()} hilum ({station})",
                look=Look.NODE,
                centre_mm=(x_mm, -2, 76),
                sizes_mm=(None, None, *sizes_mm),
                # Sarcoid-like nodes have no fatty hilum left.
                interiors=interiors((11, 11, 11, 11), (0, 0, 0, 0)),
                proportions=(0.78, 1.0, 0.9),
                role=LesionRole.NEW,
                is_node=True,
            )
            for side, station, x_mm, sizes_mm in (("right", "10R", -44, (16, 14)), ("left", "10L", 44, (15, 13)))
        ),
    ),
    visits=Schedule(
        started_on=date(2023, 11, 6),
        days=(-7, 58, 105, 168),
        poses=poses(115, STILL, ((2, 0, -3), 0.9), ((-1, 1, 4), -1.1), ((1, -1, 2), 1.5)),
        sums_mm=(60, 45, 39, 36),
        responses=(ResponseCategory.BASELINE, ResponseCategory.SD, ResponseCategory.PR, ResponseCategory.PR),
        region="Chest",
        lowest_mm=(40,),
        slices=24,
    ).visits(),
)
