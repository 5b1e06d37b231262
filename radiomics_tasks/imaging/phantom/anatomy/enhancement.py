"""How bright contrast agent makes each organ, by the phase in which the scan was made."""

from dataclasses import dataclass

from radiomics_tasks.imaging.phantom.picture.tissue import Phase


@dataclass(frozen=True)
class Enhancement:
    """Mean CT numbers of blood and organs, in HU; `liver_blood` of the vessels within the liver."""

    aorta: float
    vein: float
    chamber: float
    heart_muscle: float
    liver: float
    liver_blood: float
    spleen: float
    cortex: float
    medulla: float
    pancreas: float
    adrenal: float


PORTAL = Enhancement(
    aorta=160.0,
    vein=142.0,
    chamber=148.0,
    heart_muscle=104.0,
    liver=110.0,
    liver_blood=165.0,
    spleen=122.0,
    cortex=185.0,
    medulla=158.0,
    pancreas=98.0,
    adrenal=72.0,
)
# Thirty-five seconds after the injection: the arteries are full, portal and hepatic veins are not yet.
ARTERIAL = Enhancement(
    aorta=300.0,
    vein=78.0,
    chamber=235.0,
    heart_muscle=92.0,
    liver=85.0,
    liver_blood=96.0,
    spleen=142.0,
    cortex=212.0,
    medulla=92.0,
    pancreas=118.0,
    adrenal=84.0,
)
ENHANCEMENTS = {Phase.PORTAL: PORTAL, Phase.ARTERIAL: ARTERIAL}
