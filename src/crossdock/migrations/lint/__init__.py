"""The safety lint: what a revision would do to the traffic and to the release that is deployed, known beforehand."""
