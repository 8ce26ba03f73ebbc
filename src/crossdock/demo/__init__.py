"""The demo world: two companies and what they have done together, in every state that the business knows."""

from crossdock.demo.seed import seed

__all__ = ["seed"]
