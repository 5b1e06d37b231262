"""A feature that follows volume, in the words that stand beside it. No Django."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowsVolume:
    """How far a feature's changes go with those of volume over a site's lesions.

    `rho`: Spearman's correlation with the logarithm of the volume ratio, None below three lesions.
    `is_slope_known`: there are lesions enough to take out of a change what follows the volume. `is_synthetic`: they
    are lesions of made-up patients.
    """

    rho: float | None
    lesions: int
    is_slope_known: bool = False
    is_synthetic: bool = False

    @property
    def words(self) -> str:
        """The sentence beside the feature's name.

        Examples
        --------
        >>> FollowsVolume(0.834, 41, is_slope_known=True).words
        'follows volume: ρ = 0.83 over 41 lesions'
        >>> FollowsVolume(-0.5, 4).words
        'follows volume: ρ = −0.50 over 4 lesions'
        >>> FollowsVolume(None, 1).words
        'moves with volume; too few lesions here to say how much'
        >>> FollowsVolume(0.5, 31, is_synthetic=True).words
        'follows volume: ρ = 0.50 over 31 lesions of made-up patients'
        """
        if self.rho is None:
            return "moves with volume; too few lesions here to say how much"
        rho = f"{self.rho:.2f}".replace("-", "\N{MINUS SIGN}")
        of = " of made-up patients" if self.is_synthetic else ""
        return f"follows volume: ρ = {rho} over {self.lesions} lesions{of}"
