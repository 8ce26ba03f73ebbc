"""The locks that revisions really take, against those that the plan foretold."""

import pytest

from crossdock.migrations.revision import Direction
from tests.migrations.scene import Scene
from tests.migrations.tracing import foretold_and_taken

CHAINS = ("aerich", "alembic")
KINDS = {
    "columns": (
        "ALTER TABLE bids ADD COLUMN more int; ALTER TABLE bids ALTER COLUMN more SET DEFAULT 1;",
        "ALTER TABLE bids DROP COLUMN more;",
    ),
    "an index": ("CREATE INDEX i_more ON bids (created_at);", "DROP INDEX i_more;"),
    "a key": (
        "ALTER TABLE bids ADD CONSTRAINT fk_more FOREIGN KEY (shipper_id) REFERENCES companies (id) NOT VALID;",
        "ALTER TABLE bids DROP CONSTRAINT fk_more;",
    ),
    "a table": (
        "CREATE TABLE more (id uuid PRIMARY KEY, company_id uuid REFERENCES companies (id));",
        "DROP TABLE more;",
    ),
    "a check": (
        "ALTER TABLE bids ADD CONSTRAINT ck_more CHECK (version > 0) NOT VALID;",
        "ALTER TABLE bids DROP CONSTRAINT ck_more;",
    ),
    "a policy": (
        "CREATE POLICY more ON companies FOR SELECT TO crossdock_app USING (EXISTS (SELECT FROM users));",
        "DROP POLICY more ON companies;",
    ),
    "a trigger": (
        "CREATE TRIGGER more BEFORE TRUNCATE ON bids EXECUTE FUNCTION refuse_change();",
        "DROP TRIGGER more ON bids;",
    ),
    "grants and words": (
        "GRANT SELECT (name) ON companies TO crossdock_app; COMMENT ON TABLE companies IS 'Companies.';",
        "REVOKE SELECT (name) ON companies FROM crossdock_app;",
    ),
    "a rename": ("ALTER TABLE bids RENAME CONSTRAINT ck_bids_amount TO ck_more;",
                 "ALTER TABLE bids RENAME CONSTRAINT ck_more TO ck_bids_amount;"),
    "rows": ("UPDATE companies SET version = version;", "UPDATE companies SET version = version;"),
}  # fmt: skip
ALONE = ("CREATE INDEX CONCURRENTLY i_more ON bids (created_at);", "DROP INDEX CONCURRENTLY i_more;")


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("kind", [*KINDS, "alone"])
async def test_every_kind_of_statement(scene: Scene, kind: str, chain: str) -> None:
    """Up and down, in either chain: the strongest lock on each table is the one that was foretold."""
    add = scene.project.add_aerich if chain == "aerich" else scene.project.add_alembic
    before = scene.project.revision_keys()
    add(*KINDS.get(kind, ALONE), alone=kind == "alone")
    (key,) = set(scene.project.revision_keys()) - set(before)
    taken = await foretold_and_taken(scene, Direction.UP, key)
    assert bool(taken) or kind in ("grants and words",)
    assert all(lock.held_s > 0 for lock in taken)
    last = [name for name in before if name.startswith(chain)][-1]
    await foretold_and_taken(scene, Direction.DOWN, last)


async def test_a_rehearsal(scene: Scene) -> None:
    """`crossdock migrate up --trace` says the same to an operator, and as JSON to a program."""
    for number in range(2):
        scene.project.add_aerich(f"ALTER TABLE bids ADD COLUMN more{number} int;", "SELECT 1;")
        ran = await scene.migrate("up", "--trace", *(["--json"] if number else []))
        assert ran.status == 0, ran
        if number:
            (lock,) = ran.json["locks"]
            assert (lock["table"], lock["mode"], lock["blocks"]) == ("bids", "ACCESS EXCLUSIVE", "reads and writes")
            assert lock["held_s"] > 0
        else:
            assert "ACCESS EXCLUSIVE on bids for " in ran.output
