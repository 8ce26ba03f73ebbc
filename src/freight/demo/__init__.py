"""The demo world: two companies and what they have done together, in every state that the business knows."""

from crossdock.operations.demo import Demo
from freight.demo.seed import seed
from freight.demo.world import EMAILS, OPERATOR_EMAIL, PASSWORD

__all__ = ["DEMO", "seed"]

DEMO = Demo(seed, (*EMAILS, OPERATOR_EMAIL), PASSWORD)
