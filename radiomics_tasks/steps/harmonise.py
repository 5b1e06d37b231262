"""A team's baseline lesions, from snapshots to a frozen harmonisation and the values under it."""

from patients.words.act_words import Act
from patients.writes.trusting.harmonisation import store_model
from radiomics_tasks import runs
from radiomics_tasks.askers import check_asker
from radiomics_tasks.extraction.profiles import profile_named
from radiomics_tasks.harmonising import fitted, rederive_team


def fit_harmonisation(run_pk: int) -> None:
    """Fit one profile of one team; the run's input key is the profile and who asked, `ct` or `ct:7`.

    What cannot be fitted is refused in words, and what is in force stays so.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        name, _, user = claim.input_key.partition(":")
        check_asker(int(user) if user else None, Act.HARMONISE, claim.subject_pk)
        profile = profile_named(name)
        model, is_synthetic = fitted(claim.subject_pk, profile)
        with runs.finishing(claim):
            stored = store_model(
                claim.subject_pk,
                profile.name,
                profile.digest,
                digest=model.digest,
                parameters=model.as_json(),
                user_pk=int(user) if user else None,
                is_synthetic=is_synthetic,
            )
            rederive_team(stored)
