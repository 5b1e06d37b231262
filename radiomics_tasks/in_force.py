"""What this site concludes by, in digests: the acquisition rules and the response protocol that are in force."""

from dataclasses import dataclass

from django.conf import settings

from radiomics_tasks.acquisition import site_rules
from radiomics_tasks.analysis.criteria.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Standing:
    """The digests under which a patient is concluded today."""

    rules_digest: str
    protocol_digest: str


def site_protocol() -> Protocol:
    """The response criteria with what this site sets otherwise."""
    return Protocol().with_settings(settings.RESPONSE_PROTOCOL)


def in_force_now() -> Standing:
    """Read anew each time: a file of rules may change while a process runs.

    Raises
    ------
    Refusal
        E_RULES: the site's file of rules cannot be read.
    """
    return Standing(site_rules().digest, site_protocol().digest)
