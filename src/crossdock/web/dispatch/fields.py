"""The parameters of a function that come from one part of the request: its path, query or headers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi._compat import ModelField, field_annotation_is_scalar, get_missing_field_error
from fastapi.dependencies.utils import request_params_to_args


@dataclass(frozen=True, slots=True)
class Scalar:
    """A parameter of one value. `default` is never changed, so all requests may share it."""

    name: str
    alias: str
    location: tuple[str, ...]
    field: ModelField
    is_required: bool
    default: Any


class Fields:
    """All parameters from one part. Where one is a list or a model, FastAPI's own function reads them all, slower."""

    def __init__(self, params: Sequence[ModelField]) -> None:
        self._params = params
        scalars = [_scalar(field) for field in params]
        self._scalars = None if None in scalars else tuple(each for each in scalars if each is not None)

    def add(self, source: Mapping[str, Any], values: dict[str, Any], errors: list[Any]) -> None:
        """Puts what is found in `source` into `values`, and what does not fit into `errors`."""
        if self._scalars is None:
            found, wrong = request_params_to_args(self._params, source)
            values.update(found)
            errors += wrong
            return
        for scalar in self._scalars:
            given = source.get(scalar.alias)
            if given is not None:
                value, wrong = scalar.field.validate(given, values, loc=scalar.location)
                errors += wrong
                values[scalar.name] = value
            elif scalar.is_required:
                errors.append(get_missing_field_error(loc=scalar.location))
            else:
                values[scalar.name] = scalar.default


def _scalar(field: ModelField) -> Scalar | None:
    info: Any = field.field_info
    is_one = field_annotation_is_scalar(info.annotation)
    if not is_one or field.validation_alias or info.validate_default or info.default_factory is not None:
        return None
    required = info.is_required()
    location = (info.in_.value, field.alias)
    return Scalar(field.name, field.alias, location, field, required, None if required else field.default)
