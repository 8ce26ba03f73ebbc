"""Which files of the ORM that a module has left can be deleted."""

from pathlib import Path

import pytest
from tortoise.exceptions import ConfigurationError

from crossdock.cli.main import in_one_line
from crossdock.cutover.leftover import _is_of, _names, left_over
from crossdock.registry import Orm, Registry


def test_models_stay_while_others_have_relations_to_them(registry: Registry) -> None:
    """Tortoise's relations name a model: a few of them are named, the others counted. A store is needed by nothing."""
    store, models = left_over(registry, registry.modules["companies"], Orm.TORTOISE)
    assert store == "store_tortoise.py is needed by nothing in freight: delete it, or keep it for the way back."
    assert models.startswith("models_tortoise.py has to stay: it is needed by Bid.company, Bid.shipper, ")
    assert models.endswith(" others.")


def test_files_stay_while_something_imports_them(registry: Registry) -> None:
    """The documents of a module are made of its models."""
    _, models = left_over(registry, registry.modules["bookings"], Orm.SQLALCHEMY)
    assert models.endswith(f"it is needed by {Path('freight/modules/bookings/documents.py')}.")


def test_files_of_any_name_are_looked_at(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service of one's own has its first models in `models.py`, with the enumerations that its schemas use."""
    file = "freight.modules.companies.schemas"
    monkeypatch.setattr(Registry, "model_files", lambda self, orm: {"companies": (file,)})
    *_, said = left_over(registry, registry.modules["companies"], Orm.SQLALCHEMY)
    assert said.startswith("schemas.py has to stay: it is needed by freight/modules/companies/")


def test_a_file_whose_name_begins_alike_is_another() -> None:
    """`models_sqlalchemy.py` is not a part of `models.py`, where it imports from it."""
    assert not _is_of("shop/models_sqlalchemy.py", "shop.models")
    assert _is_of("shop/models.py", "shop.models")
    assert _is_of("shop/models/books.py", "shop.models")


@pytest.mark.parametrize(
    "line",
    [
        "from shop.modules.books.models_tortoise import Shelf",
        "from shop.modules.books import models_tortoise",
        "from shop.modules.books import models_tortoise as old",
        "import shop.modules.books.models_tortoise",
        "from .models_tortoise import Shelf",
        "from . import models_tortoise",
        "from ..books.models_tortoise import Shelf",
        'models = ("shop.modules.books.models_tortoise",)',
        "def late():\n    from .models_tortoise import Shelf",
    ],
)
def test_every_way_to_import_a_file_is_seen(line: str) -> None:
    """A file that is said to be needed by nothing is deleted."""
    assert _names("shop.modules.books.models_tortoise", "shop/modules/books/models_sqlalchemy.py", line)


@pytest.mark.parametrize(
    "line",
    [
        "from .models_tortoise_more import Shelf",
        "from ..shelves.models_tortoise import Shelf",
        "from shop.modules.books import store",
        "# models_tortoise",
    ],
)
def test_no_other_file_is_taken_for_it(line: str) -> None:
    assert not _names("shop.modules.books.models_tortoise", "shop/modules/books/models_sqlalchemy.py", line)


def test_a_file_that_is_missed_is_told_in_one_line() -> None:
    """Tortoise's own words, and what they mean here."""
    told = in_one_line(ConfigurationError("No model with name 'Booking' registered in app 'legacy'."))
    assert told and "Booking" in told and "stays while others have relations to it" in told
