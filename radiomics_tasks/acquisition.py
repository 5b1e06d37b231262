"""The acquisition rules in force on this site: its own file where one is set, else those that come with the project."""

from pathlib import Path

from django.conf import settings

from radiomics_tasks.analysis.trust.comparability.rules import AcquisitionRules, Rule, default_rules
from radiomics_tasks.errors import Refusal

__all__ = ["AcquisitionRules", "Rule", "are_own_rules", "site_rules"]


def site_rules() -> AcquisitionRules:
    """The rules by which every pair of scans is read.

    Raises
    ------
    Refusal
        E_RULES: the site's file cannot be read, or says what is no rule.
    """
    own = settings.ACQUISITION_RULES
    if not own:
        return default_rules()
    try:
        text = Path(own).read_text(encoding="utf-8")
    except OSError as error:
        why = (error.strerror or "no reason given").lower()
        raise Refusal("E_RULES", f"The file of acquisition rules cannot be read ({why}).") from error
    except UnicodeDecodeError as error:
        raise Refusal("E_RULES", "The file of acquisition rules is not UTF-8 text.") from error
    return AcquisitionRules.parse(text)


def are_own_rules() -> bool:
    """Whether the site brings its own file."""
    return bool(settings.ACQUISITION_RULES)
