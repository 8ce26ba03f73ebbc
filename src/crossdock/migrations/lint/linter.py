"""Judges every revision of all chains in the order in which they run, without a database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crossdock.migrations.chain import chains_of
from crossdock.migrations.lint import columns, file_rules, opening, renames, session, transactions, use
from crossdock.migrations.lint.case import Case, Rule
from crossdock.migrations.lint.finding import Finding, Problem, has_reason
from crossdock.migrations.lint.ownership import after, first_owners
from crossdock.migrations.lint.reading import Placed, Reading, read
from crossdock.migrations.lint.release import RELEASES, Released, deployed_before, releases
from crossdock.migrations.lint.squawk import Opinions, opinions
from crossdock.migrations.lint.squawk_rules import ADOPTED
from crossdock.migrations.names import OWN
from crossdock.migrations.plan import ordered
from crossdock.migrations.revision import Revision
from crossdock.migrations.tools.every import tools_of
from crossdock.migrations.tools.formats import FORMATS
from crossdock.registry import Registry
from crossdock.schema.expected import NOWHERE
from crossdock.sql.known import Known
from crossdock.sql.statement import tables_of

RENAMED = "drop-and-create"
BOTH_WAYS: dict[str, Rule] = {"stand-alone": transactions.stand_alone, "repeatable": transactions.repeatable}
"""A downgrade that breaks these fails when it is needed most."""

RULES: dict[str, Rule] = BOTH_WAYS | {
    "volatile-default": columns.volatile_default,
    "added-check": columns.added_check,
    "set-not-null": columns.required,
    "column-type": columns.type_change,
    "validate-apart": transactions.validate_apart,
    "backfill-under-lock": transactions.backfill_under_lock,
    "long-lock": transactions.long_lock,
    "unbatched": transactions.unbatched,
    "enum-value": transactions.enum_value,
    "detached-default": transactions.detached_default,
    "runner-settings": session.runner_settings,
    "another-role": session.another_role,
    "grant-public": opening.grant_public,
    "looser-policy": opening.looser_policy,
    "around-policies": opening.around_policies,
    "drop-in-use": use.drop_in_use,
    "others-table": use.others_table,
    "row-level-security": use.unprotected,
    file_rules.NOT_READABLE: use.opaque,
}
OF_FILES = ("docstring", RENAMED, file_rules.NOT_READABLE, file_rules.NO_WAY_BACK, "row-level-security")
ALL = tuple(dict.fromkeys([*RULES, *OF_FILES, *ADOPTED]))
"""Every name that SAFE may have."""


@dataclass(frozen=True)
class Linter:
    """What is known before the first revision is judged. Without tenants there is nothing that row level security could
    keep apart."""

    releases: Sequence[Released]
    opinions: Opinions
    has_tenants: bool

    def judge(self, readings: Sequence[Reading], owners: dict[str, str]) -> Iterator[Finding]:
        known = Known()
        for reading in readings:
            found = [*self._file(reading, readings, known), *self._statements(reading, known, owners)]
            owners = after(owners, reading.revision)
            yield from _silenced(reading.revision, found)

    def _file(self, reading: Reading, readings: Sequence[Reading], known: Known) -> Iterator[Finding]:
        revision = reading.revision
        chain = [each for each in readings if each.revision.chain == revision.chain]
        place = chain.index(reading)
        following = chain[place + 1] if place + 1 < len(chain) else None
        checks = {
            "docstring": file_rules.docstring(reading, is_first=place == 0),
            file_rules.NOT_READABLE: file_rules.readable(reading),
            file_rules.NO_WAY_BACK: file_rules.way_back(reading),
            "row-level-security": file_rules.protection(reading, following) if self.has_tenants else (),
            RENAMED: renames.renamed(reading, known),
        }
        for rule, problems in checks.items():
            for problem in problems:
                yield Finding(revision.key, rule, problem.what, problem.rewrite)

    def _statements(self, reading: Reading, known: Known, owners: dict[str, str]) -> Iterator[Finding]:
        released = deployed_before(reading.revision, self.releases)
        for script in (reading.up, reading.down):
            for position, placed in enumerate(script.placed):
                case = Case(reading.revision, placed, known, script.placed[:position], released, owners)
                if script is reading.up:
                    yield from _applied(case, RULES)
                    yield from self._squawked(case)
                    known.learn(placed.statement, reading.revision.key)
                else:
                    yield from _applied(case, BOTH_WAYS)

    def _squawked(self, case: Case) -> Iterator[Finding]:
        for name in sorted(self.opinions.get((case.revision.key, case.at.number), ())):
            rule = ADOPTED.get(name)
            if rule is None:
                problem = Problem(
                    "squawk's parser does not know this statement: what its rules would find is not known.",
                    "Look at `crossdock migrate plan`, and rehearse it.",
                )
                yield _finding(case, file_rules.NOT_READABLE, problem)
            elif rule.applies(case):
                table = ", ".join(sorted(tables_of(case.statement))) or "..."
                alone = FORMATS[case.revision.tool].stand_alone("what cannot be in a transaction")
                yield _finding(case, name, Problem(rule.why, rule.rewrite.format(table=table, alone=alone)))


async def lint(registry: Registry) -> list[Finding]:
    """Every danger in every revision, in their order; none where SAFE says why.

    Raises BrokenChain when the files make no chain, and NoSquawk.
    """
    chains = chains_of(registry.application)
    revisions = [revision for chain in chains for revision in chain.revisions()]
    lost = [
        Finding(revision.key, "needs", problem.what, problem.rewrite, may_be_safe=False)
        for revision in revisions
        for problem in file_rules.needs(revision, revisions)
    ]
    if lost:
        return lost  # without an order nothing else can be judged
    tools = tools_of(NOWHERE, registry, chains)
    readings = [await read(revision, tools) for revision in ordered(revisions)]
    has_tenants = not registry.application.tenancy_object.is_none
    linter = Linter(releases(registry.application.root / RELEASES), await opinions(readings), has_tenants)
    found = linter.judge(readings, first_owners(registry, readings))
    # What the library brings is read for what the others build on. Nobody here could change it.
    return [each for each in found if not each.revision.startswith(f"{OWN}:")]


def _applied(case: Case, rules: dict[str, Rule]) -> Iterator[Finding]:
    for name, rule in rules.items():
        for problem in rule(case):
            yield _finding(case, name, problem)


def _finding(case: Case, rule: str, problem: Problem) -> Finding:
    placed: Placed = case.at
    where = f"{case.revision.key} {placed.direction.value}" if placed.direction == "down" else case.revision.key
    return Finding(where, rule, problem.what, problem.rewrite, placed.statement.summary, placed.number)


def _silenced(revision: Revision, found: Sequence[Finding]) -> Iterator[Finding]:
    broken = {finding.rule for finding in found if finding.may_be_safe}
    for finding in found:
        if not finding.may_be_safe or finding.rule not in revision.safe:
            yield finding
        elif not has_reason(revision, finding.rule):
            short = f'SAFE["{finding.rule}"] = "{revision.safe[finding.rule]}" is no reason.'
            yield replace(finding, what=f"{finding.what} {short}")
    yield from file_rules.stale(revision, broken, ALL)
