"""Demo patients of whom nothing changes but the scan: kernel and scanner, contrast phase, and the day's second scan."""

from dataclasses import replace
from datetime import date

from patients.vocabulary import DrugClass, LesionRole, Organ, ResponseCategory
from radiomics_tasks.imaging.phantom.anatomy.torso import Build
from radiomics_tasks.imaging.phantom.cohort.plan import (
    SHARP_SCANNER,
    STILL,
    DemoCourse,
    DemoLesion,
    DemoPatient,
    Schedule,
    interiors,
    poses,
    with_first_scan,
    with_repeats,
)
from radiomics_tasks.imaging.phantom.picture.tissue import Look, Phase

OTHER_SCANNER = DemoPatient(
    pseudonym="SYN-09",
    disease="Renal cell carcinoma with liver metastases",
    story="Nothing changes; the third scan comes from another scanner with a sharp kernel.",
    birth_date=date(1961, 7, 1),
    sex="M",
    build=Build(size=0.97, fat_mm=14, muscle_mm=11, seed=109),
    courses=(DemoCourse("Cabozantinib", DrugClass.TARGETED, date(2023, 10, 16)),),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-82, 14, -54),
            sizes_mm=(30, 30.5, 30, 30.5),
            interiors=interiors((14, 14, 14, 14), (0.15, 0.15, 0.15, 0.15)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment III",
            look=Look.LIVER_METASTASIS,
            centre_mm=(18, -44, -55),
            sizes_mm=(20, 20.5, 20, 20.5),
            interiors=interiors((14, 14, 14, 14), (0.12, 0.12, 0.12, 0.12)),
        ),
    ),
    visits=with_first_scan(
        Schedule(
            started_on=date(2023, 10, 16),
            days=(-7, 57, 101, 168),
            poses=poses(109, STILL, ((2, 1, -4), 1.1), ((-2, 0, 3), -1.2), ((1, -1, 4), 0.8)),
            sums_mm=(50, 51, 50, 51),
            responses=(ResponseCategory.BASELINE, *(ResponseCategory.SD,) * 3),
            region="Abdomen",
            lowest_mm=(-86,),
            slices=25,
        ).visits(),
        2,
        lambda scan: replace(scan, scanner=SHARP_SCANNER),
    ),
)

OTHER_PHASE = DemoPatient(
    pseudonym="SYN-10",
    disease="Gastric carcinoma with liver metastases",
    story="Nothing changes; the second scan caught the arterial phase, and its tags do not tell.",
    birth_date=date(1959, 1, 1),
    sex="F",
    build=Build(size=0.94, fat_mm=16, muscle_mm=8, seed=110),
    courses=(DemoCourse("Ramucirumab + paclitaxel", DrugClass.CHEMOTHERAPY, date(2024, 1, 15)),),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VIII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-80, 6, -56),
            sizes_mm=(28, 28, 28),
            interiors=interiors((14, 14, 14), (0.15, 0.15, 0.15)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment III",
            look=Look.LIVER_METASTASIS,
            centre_mm=(16, -44, -56),
            sizes_mm=(18, 18, 18),
            interiors=interiors((14, 14, 14), (0.12, 0.12, 0.12)),
        ),
    ),
    visits=with_first_scan(
        Schedule(
            started_on=date(2024, 1, 15),
            days=(-6, 58, 102),
            poses=poses(110, STILL, ((-2, 1, 4), -1.0), ((2, 0, -3), 1.2)),
            sums_mm=(46, 46, 46),
            responses=(ResponseCategory.BASELINE, *(ResponseCategory.SD,) * 2),
            region="Abdomen",
            lowest_mm=(-86,),
            slices=25,
        ).visits(),
        1,
        lambda scan: replace(scan, phase=Phase.ARTERIAL, has_delay=False),
    ),
)

# Three lesions from 10 to 35 mm and three from 35 to 50 mm, each scanned twice on two days.
TWICE_A_DAY = DemoPatient(
    pseudonym="SYN-12",
    disease="Colorectal carcinoma with liver metastases",
    story="A study of repeatability: two scans a day, morning and noon, each with its own injection.",
    birth_date=date(1967, 5, 1),
    sex="M",
    build=Build(size=1.02, fat_mm=13, muscle_mm=12, seed=112),
    courses=(DemoCourse("Pembrolizumab", DrugClass.ANTI_PD1, date(2024, 2, 12)),),
    lesions=tuple(
        DemoLesion(
            name=f"liver {number}",
            organ=Organ.LIVER,
            site=site,
            look=Look.LIVER_METASTASIS,
            centre_mm=centre_mm,
            sizes_mm=(size_mm, size_mm),
            interiors=interiors((sd_hu, sd_hu), (core, core)),
            role=LesionRole.TARGET if number < 3 else LesionRole.NON_TARGET,
        )
        for number, site, centre_mm, size_mm, sd_hu, core in (
            (1, "Segment VII", (-92, 44, -58), 42.0, 14.0, 0.15),
            (2, "Segment V", (-84, -40, -60), 38.0, 16.0, 0.20),
            (3, "Segment III", (26, -46, -50), 37.5, 15.0, 0.12),
            (4, "Segment VI", (-118, 2, -58), 22.0, 14.0, 0.15),
            (5, "Segment VIII", (-64, 4, -46), 20.0, 15.0, 0.10),
            (6, "Segment IV", (-28, -46, -58), 16.0, 14.0, 0.0),
        )
    ),
    visits=with_repeats(
        Schedule(
            started_on=date(2024, 2, 12),
            days=(-7, 58),
            poses=poses(112, STILL, ((2, -1, 3), 0.9)),
            sums_mm=(80, 80),
            responses=(ResponseCategory.BASELINE, ResponseCategory.SD),
            region="Abdomen",
            lowest_mm=(-95,),
            slices=32,
        ).visits(),
        poses(112, ((-3, 1, 4), -1.4), ((-1, 1, -4), 1.6)),
    ),
)
