"""The stage of each module, as a row of the database says it, and which ORM answers for it at that stage."""

from crossdock.stages.stage import Stage
from crossdock.stages.state import EVERYTHING, HUNDRED, ModuleState
from crossdock.stages.watching import Stages

__all__ = ["EVERYTHING", "HUNDRED", "ModuleState", "Stage", "Stages"]
