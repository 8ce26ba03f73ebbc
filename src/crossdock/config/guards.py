"""Whether units of work are watched for what they should not do, and how many of them."""

from typing import Literal

from pydantic import BaseModel, Field

Mode = Literal["off", "log", "raise"]


class GuardSettings(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """`mode` says what becomes of a finding, `share` how many of the units of work are watched. One statement may be
    sent `repeats_max` times by one line of a unit.

    What is not set depends on the environment: all units are watched in tests, where a finding is raised, and in
    development, where it is logged; in production one of 200 is watched.
    """

    mode: Mode | None = None
    share: float | None = Field(default=None, ge=0, le=1)
    repeats_max: int = Field(default=10, ge=1, le=1_000_000)

    def in_environment(self, environment: str) -> "GuardSettings":
        """The same, with nothing left open."""
        mode: Mode = "raise" if environment == "test" else "log"
        share = 0.005 if environment == "production" else 1.0
        return self.model_copy(update={"mode": self.mode or mode, "share": share if self.share is None else self.share})
