"""What the tree promises: sizes, openings, imports, anatomy, owners. Each rule is also broken once, to see it fail."""

import ast
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter

from crossdock.errors import ConfigurationError, CrossdockError
from crossdock.events import Event
from crossdock.registry import Lane, Module, Orm, Registry
from crossdock.registry.registry import STORE_PREFIX
from crossdock.schema.ownership import faults as misowned
from tests.application import FREIGHT, application

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
MODULES = SOURCE / "freight" / "modules"
OURS = [SOURCE, ROOT / "tests", ROOT / "examples"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REGISTRY = Registry.discover(FREIGHT)
EACH_MODULE = pytest.mark.parametrize("module", REGISTRY, ids=lambda module: module.name)

FUNCTION_SHARES = {8: 0.5, 20: 0.9, 51: 1.0}
FILE_SHARES = {200: 0.9, 401: 1.0}
"""Below how many lines which share has to be."""

ORMS = {"tortoise", "sqlalchemy"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|HACK)\b|# *XXX|pytest\.(mark\.)?(skip|xfail)|NotImplementedError")
NEEDS_A_SESSION = re.compile(r"\bLISTEN\b|\bpg_(try_)?advisory_lock\(|\bDirectPool\b|\.direct\b|\"SET (?!LOCAL)")
OF_FREIGHT = (
    "company",
    "companies",
    "carriers?",
    "shippers?",
    "bookings?",
    "bids?",
    "freight",
    "ledgers?",
    "shipments?",
)
WORDS_OF_FREIGHT = re.compile(
    rf"((?<![A-Za-z])({'|'.join(OF_FREIGHT)})|{'|'.join(map(str.capitalize, OF_FREIGHT))})(?![a-z])"
    r"|\b(an?|the|each|every|of) loads?\b(?! balancer)"
)
ASKS_FOR_THE_TIME = re.compile(r"datetime\.(now|utcnow|today)\(|\btime\.time\(|\bdate\.today\(")


@cache
def files(*folders: Path) -> dict[str, str]:
    """Path from the root → text, of every Python file under the folders but this one, which shows what is wrong."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py")) if path != Path(__file__)]
    return {str(path.relative_to(ROOT)): path.read_text() for path in paths}


def faults(rule: Callable[[str], Iterable[str]], sources: dict[str, str]) -> list[str]:
    """What a rule finds wrong in a set of files."""
    return [f"{path}: {fault}" for path, source in sources.items() for fault in rule(source)]


def function_lengths(source: str) -> Iterator[int]:
    """The lines of each function, from `def` to its end, docstring and all."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or 0) - node.lineno + 1


def code_lines(source: str) -> int:
    """Lines that are neither empty nor a comment."""
    return sum(1 for line in source.splitlines() if line.strip() and not line.strip().startswith("#"))


def out_of_shape(lengths: list[int], shares: dict[int, float]) -> list[str]:
    """The limits that too few of the lengths are under."""
    return [
        f"{sum(length < limit for length in lengths)} of {len(lengths)} are under {limit}; {share:.0%} should be"
        for limit, share in shares.items()
        if sum(length < limit for length in lengths) < share * len(lengths)
    ]


def no_opening(source: str) -> Iterator[str]:
    """A file with code and no first sentence."""
    if not source.strip():
        return
    opening = (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0]
    if not opening.endswith((".", "?")):
        yield "does not open with a sentence"


def imported(source: str) -> set[str]:
    """The packages that a file imports, by their first name."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | named}


def foreign_orms(path: str, source: str) -> set[str]:
    """The ORMs that a file imports and may not: its name says which one it may."""
    if path.startswith("src/crossdock/"):
        return set()
    names = {Path(path).stem, Path(path).parent.name}  # a file may have grown into a folder
    own = {"sqlalchemy"} if "documents" in names else set()
    own |= {orm for orm in ORMS if names & {f"store_{orm}", f"models_{orm}"}}
    return (imported(source) & ORMS) - own


def matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[str]]:
    """The rule that no line of a file matches a pattern."""
    return lambda source: (found.group() for found in pattern.finditer(source))


def missing_files(module: Module, there: set[str]) -> set[str]:
    """The files that a module's manifest asks for and its folder lacks. A file may have grown into a folder."""
    wanted = {"__init__", "module", "api"}
    if module.store:
        wanted |= {"store", f"store_{module.orm.value}", f"models_{module.orm.value}"}
    if module.router:
        wanted |= {"routes", "schemas", "service"}
    if module.events:
        wanted |= {"events"}
    return wanted - there


def unresolved(module: Module) -> Iterator[str]:
    """The names in a manifest that are not there, or not what they should be."""
    store = module.store
    named: dict[str, Callable[[Any], bool]] = {job.run: inspect.iscoroutinefunction for job in module.jobs}
    if module.router:
        named[module.router] = lambda found: isinstance(found, APIRouter)
    if store:
        named[f"store:{store}"] = lambda found: getattr(found, "_is_protocol", False)
        named[f"store_{module.orm.value}:{STORE_PREFIX[module.orm]}{store}"] = inspect.isclass
    named |= {f"events:{event}": lambda found: issubclass(found, Event) for event in module.events}
    for path, is_right in named.items():
        try:
            if not is_right(REGISTRY.load(module, path)):
                yield f"{path} is something else"
        except (ImportError, AttributeError) as error:
            yield f"{path}: {error}"


def wrong_events(module: Module, events: Iterable[type[Event]]) -> Iterator[str]:
    """Events that a manifest does not list, or whose type does not begin with the module's name."""
    for event in events:
        if event.__name__ not in module.events:
            yield f"{event.__name__} is not in the manifest"
        if not event.type.startswith(f"{module.name}."):
            yield f"{event.__name__}.type is {event.type}"


def defined_in(path: str) -> list[type]:
    """The classes that a Python module of ours defines itself."""
    found = vars(import_module(path)).values()
    return [each for each in found if inspect.isclass(each) and each.__module__ == path]


def tables_of(module: Module) -> set[str]:
    """The tables that a module's models map."""
    models = defined_in(f"{REGISTRY.package}.{module.name}.models_{module.orm.value}") if module.tables else []
    if module.orm is Orm.TORTOISE:
        return {model._meta.db_table for model in models if hasattr(model, "_meta") and not model._meta.abstract}
    return {model.__tablename__ for model in models if hasattr(model, "__tablename__")}


def errors() -> Iterator[type[CrossdockError]]:
    """Every error of ours, once everything is imported."""
    for path in files(SOURCE):
        if not path.endswith("__main__.py"):
            import_module(path.removeprefix("src/").removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    waiting = [CrossdockError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__module__.startswith(("crossdock.", "freight.")):
            yield error


def wrong_messages(kinds: Iterable[type[CrossdockError]]) -> Iterator[str]:
    """Errors whose docstring is no message, and codes that two errors share."""
    codes: dict[str, str] = {}
    for kind in kinds:
        if not (kind.__doc__ or "").split("\n")[0].endswith("."):
            yield f"{kind.__qualname__} has no message"
        other = codes.setdefault(kind.__new__(kind).code, kind.__module__)
        if other != kind.__module__:
            yield f"{kind.__qualname__} is in {kind.__module__} and in {other}: one code, two meanings"


def lock_faults(lock: str) -> Iterator[str]:
    """What a lock file must not have: an address, or a requirement without an exact version and a hash."""
    if re.search(r"://|^\s*-(i|f|e|-index|-extra|-find|-editable)| @ ", lock, re.MULTILINE):
        yield "names an address"
    for entry in re.split(r"\n(?=[a-zA-Z0-9])", lock.strip()):
        if not re.match(r"[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+", entry) or "--hash=sha256:" not in entry:
            yield f"{entry.splitlines()[0]} is not pinned"


def not_locked(lock: str, requirements: Iterable[str]) -> set[str]:
    """The requirements of the project that the lock file lacks."""
    locked = set(re.findall(r"^([a-z0-9._-]+)", lock, re.MULTILINE))
    return {re.match(r"[\w.-]+", each).group().lower() for each in requirements} - locked  # type: ignore[union-attr]


def test_functions_are_small() -> None:
    """Half of the functions are under 8 lines, nine of ten under 20, and none over 50."""
    lengths = [length for source in files(SOURCE).values() for length in function_lengths(source)]
    assert out_of_shape(lengths, FUNCTION_SHARES) == []


def test_files_are_small() -> None:
    """Nine of ten files have under 200 lines of code, and none over 400."""
    assert out_of_shape([code_lines(source) for source in files(SOURCE).values()], FILE_SHARES) == []


def test_every_file_opens_with_one_sentence() -> None:
    """The head of a file says what it is for; an empty file says nothing."""
    assert faults(no_opening, files(*OURS)) == []


def test_an_orm_is_imported_where_the_file_name_says_so() -> None:
    """Only the library, the store and models files of one ORM, and documents import it: none of them imports both."""
    assert {path: orms for path, source in files(SOURCE).items() if (orms := foreign_orms(path, source))} == {}


def words_of_freight() -> dict[str, set[str]]:
    """File of the library, of any kind → the words of freight in it."""
    library = SOURCE / "crossdock"
    paths = [path for path in library.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    texts = {str(path.relative_to(library)): path.read_text(encoding="utf-8") for path in paths}
    return {path: set(found) for path, text in texts.items() if (found := [*matches(WORDS_OF_FREIGHT)(text)])}


def test_the_library_has_no_word_of_freight() -> None:
    """Neither in a name nor in a sentence nor in an example."""
    assert words_of_freight() == {}


def test_nothing_is_left_for_later() -> None:
    """No note of something to be done, no test that does not run."""
    assert faults(matches(UNFINISHED), files(*OURS)) == []


def test_only_the_clock_asks_for_the_time() -> None:
    """The server's clock decides, so a test can set it."""
    clock = "src/crossdock/clock.py"
    assert (
        faults(matches(ASKS_FOR_THE_TIME), {path: text for path, text in files(SOURCE).items() if path != clock}) == []
    )


@EACH_MODULE
def test_a_module_has_the_files_of_its_anatomy(module: Module) -> None:
    """What the manifest names is in the files that every module has."""
    assert missing_files(module, {path.stem for path in (MODULES / module.name).iterdir()}) == set()


@EACH_MODULE
def test_a_manifest_names_what_is_there(module: Module) -> None:
    """Router, stores, events and jobs of a manifest can be loaded and are what they should be."""
    assert module.name in REGISTRY.modules
    assert list(unresolved(module)) == []


@EACH_MODULE
def test_a_manifest_lists_every_event(module: Module) -> None:
    """What a module puts in the outbox is in its manifest, under a type that begins with its name."""
    path = f"{REGISTRY.package}.{module.name}.events"
    events = [each for each in defined_in(path) if issubclass(each, Event)] if module.events else []
    assert list(wrong_events(module, events)) == []


@EACH_MODULE
def test_a_module_reads_its_settings_under_its_own_name(module: Module) -> None:
    """CROSSDOCK_<MODULE>__*, so that two modules cannot read one variable."""
    if module.settings is not None:
        assert module.settings.model_config["env_prefix"] == f"CROSSDOCK_{module.name.upper()}__"


@EACH_MODULE
def test_a_pooled_module_needs_no_session(module: Module) -> None:
    """The lane is the whole module's: in a pooled one nothing needs what a transaction pooler does not carry."""
    sources = files(MODULES / module.name)
    if module.lane is Lane.POOLED:
        assert faults(matches(NEEDS_A_SESSION), sources) == []


@EACH_MODULE
def test_a_module_owns_exactly_the_tables_of_its_models(module: Module) -> None:
    """A manifest's tables are those that its models map, no more and no less."""
    assert set(module.tables) == tables_of(module)


def test_every_table_has_one_owner() -> None:
    """No two manifests own one table, and each table has a model in the ORM whose tool migrates it."""
    assert list(misowned(REGISTRY)) == []


def test_every_error_has_a_message_and_a_code_of_its_own() -> None:
    """The class docstring is what the client reads; the code is what it matches on."""
    assert list(wrong_messages(errors())) == []


def test_the_lock_file_pins_everything_and_names_no_address() -> None:
    """Whoever installs from it gets the same files from whatever index they use."""
    lock = (ROOT / "requirements.lock").read_text()
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    wanted = [project["dependencies"], *project["optional-dependencies"].values(), *groups.values()]
    assert list(lock_faults(lock)) == []
    assert not_locked(lock, chain.from_iterable(wanted)) == set()


def two_owners() -> bool:
    one = Module(name="one", orm=Orm.TORTOISE, tables=("loads",))
    try:
        Registry(application("none"), {"one": one, "two": replace(one, name="two")}).owners()
    except ConfigurationError as error:
        return "one and two" in str(error)
    return False


class Mute(Event):
    type = "elsewhere.happened"


BOOKINGS = REGISTRY.modules["bookings"]
BROKEN = {
    "a long function": out_of_shape([*function_lengths("def f():\n" + "    pass\n" * 50)], FUNCTION_SHARES),
    "too many middling functions": out_of_shape([7] * 7 + [30] * 3, FUNCTION_SHARES),
    "a long file": out_of_shape([code_lines("pass\n" * 401)] + [1] * 99, FILE_SHARES),
    "a file without an opening": [*no_opening("import os\n")],
    "a heading for an opening": [*no_opening('"""Helpers"""\n')],
    "an ORM in a service": foreign_orms("src/freight/modules/bids/service/offers.py", "from tortoise import fields"),
    "the other ORM in a part of a store": foreign_orms(
        "src/freight/modules/accounts/store_tortoise/staff.py", "import sqlalchemy"
    ),
    "the other ORM in a store": foreign_orms("src/freight/modules/bids/store_tortoise.py", "import sqlalchemy.orm"),
    "Tortoise in a document": foreign_orms("src/freight/modules/bids/documents.py", "import tortoise"),
    "a note for later": [*matches(UNFINISHED)("# TODO: limits")],
    "a test that does not run": [*matches(UNFINISHED)("@pytest.mark.skip")],
    "a column of freight": [*matches(WORDS_OF_FREIGHT)("company_id: UUID")],
    "a class of freight": [*matches(WORDS_OF_FREIGHT)("class NewBooking:")],
    "a load": [*matches(WORDS_OF_FREIGHT)("where the load is")],
    "another clock": [*matches(ASKS_FOR_THE_TIME)("now = datetime.now(UTC)")],
    "a session's lock": [*matches(NEEDS_A_SESSION)('"SELECT pg_advisory_lock(1)"')],
    "a module without a store": missing_files(BOOKINGS, {"__init__", "module", "api"}),
    "a manifest's wrong router": [*unresolved(replace(BOOKINGS, router="routes:nowhere"))],
    "a manifest's wrong store": [*unresolved(replace(BOOKINGS, store="Booking"))],
    "an event of nobody": [*wrong_events(BOOKINGS, [Mute])],
    "two owners": two_owners(),
    "a lock with an address": [*lock_faults("a==1 --hash=sha256:00\n--index-url https://example.org/simple")],
    "a lock without a hash": [*lock_faults("a==1 \\\n    --hash=sha256:00\nb==2")],
    "a lock without a requirement": not_locked("a==1", ["a>=1", "b>=2"]),
}


@pytest.mark.parametrize("what", BROKEN)
def test_each_rule_can_fail(what: str) -> None:
    """A rule that finds nothing in a broken sample would prove nothing about the tree."""
    assert BROKEN[what]


SQL = "crossdock.sql"
CONTRACTS_BROKEN = {
    "The library knows no application": ("crossdock/clock.py", "freight.money"),
    "Reading a statement needs neither an ORM nor a driver": ("crossdock/sql/rows.py", "crossdock.address"),
    "In the library no import goes upwards": ("crossdock/documents/reader.py", "crossdock.transaction"),
    "Modules meet only through each other's api": (
        "freight/modules/bookings/schemas.py",
        "freight.modules.companies.store",
    ),
    "What surrounds the modules uses them through their api": ("freight/web.py", "freight.modules.companies.store"),
    "Modules depend on each other without a cycle": (
        "freight/modules/accounts/store/staff.py",
        "freight.modules.bookings.api",
    ),
    "Only the library and the Tortoise stores import Tortoise": (
        "freight/modules/bookings/service.py",
        "tortoise.queryset",
    ),
    "Only the library, the SQLAlchemy stores and the documents import SQLAlchemy": (
        "freight/modules/bookings/store_tortoise.py",
        "sqlalchemy",
    ),
    "The rules of the business know no HTTP": ("freight/modules/bookings/states.py", "crossdock.web.responses"),
}


def test_no_room_is_left_out_where_a_statement_is_read() -> None:
    """The contract lists every room of the library but the errors: a new one is added there."""
    (contract,) = (
        each for each in PYPROJECT["tool"]["importlinter"]["contracts"] if each.get("source_modules") == [SQL]
    )
    rooms = {f"crossdock.{each.name}" for each in pkgutil.iter_modules([str(ROOT / "src" / "crossdock")])}
    assert rooms - {SQL, "crossdock.errors"} <= set(contract["forbidden_modules"])


def lint_imports(folder: Path) -> str:
    """What import-linter says of the copy of our packages in a folder."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def copy_of_source(folder: Path) -> Path:
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What it says of the tree as it is: the same for every contract."""
    return lint_imports(copy_of_source(tmp_path_factory.mktemp("source")))


@pytest.mark.parametrize("contract", [contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]])
def test_each_import_contract_holds_and_can_fail(contract: str, linted: str, tmp_path: Path) -> None:
    """Kept on the tree as it is, broken by one import that it forbids."""
    assert f"{contract} KEPT" in linted
    copy_of_source(tmp_path)
    path, forbidden = CONTRACTS_BROKEN[contract]
    with (tmp_path / path).open("a") as file:
        file.write(f"\nimport {forbidden}\n")
    assert f"{contract} BROKEN" in lint_imports(tmp_path)
