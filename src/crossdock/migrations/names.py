"""The names of tools and chains, once: whoever asks for a name loads neither tool for it."""

AERICH, ALEMBIC = "aerich", "alembic"
"""The tools. An application's chain is called after its tool."""

OWN = "crossdock"
"""The library's own chain, whose files lie inside the package."""

STORED = {AERICH: "legacy", ALEMBIC: "new"}
"""What release 0.1 called the chains. The journal and /readyz still say so, since that release reads the one beside
this one, and other programs the other. A chain that is not here is stored under its name."""
CALLED = {stored: name for name, stored in STORED.items()}
"""The other way round: revision files and commands may still use the old words."""


def stored(chain: str) -> str:
    """The word of a chain in the journal and in /readyz."""
    return STORED.get(chain, chain)


def spelled(name: str) -> str:
    """A chain, or a revision with its chain, as it is called today: `legacy:2` is `aerich:2`."""
    chain, colon, rest = name.partition(":")
    return f"{CALLED.get(chain, chain)}{colon}{rest}"
