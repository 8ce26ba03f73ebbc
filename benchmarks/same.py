"""Do all servers answer the same? Asked before anything is measured: a peer that does something else is no peer."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import httpx

from benchmarks.requests import Endpoint, Passport, Request
from benchmarks.serving import Serving

CHECKED = 12
"""Requests of each endpoint that are compared."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class AnswersDiffer(Exception):
    """Two servers answer one request differently."""


def check_same(
    endpoint: Endpoint, requests: Sequence[Request], servings: Iterable[Serving], passport: Passport
) -> None:
    """The JSON values of the first few requests. Of what a write makes, ids and times are each server's own: their
    form is compared. Raises AnswersDiffer."""
    first, *others = [(serving, _answers(endpoint, requests[:CHECKED], serving, passport)) for serving in servings]
    for serving, answers in others:
        for request, wanted, answer in zip(requests, first[1], answers, strict=False):
            if answer != wanted:
                raise AnswersDiffer(
                    f"{request.method} {request.path}: {first[0].contestant.name} answers {wanted},"
                    f" {serving.contestant.name} answers {answer}"
                )


def _answers(endpoint: Endpoint, requests: Sequence[Request], serving: Serving, passport: Passport) -> list[Any]:
    with httpx.Client(base_url=serving.url, timeout=10, trust_env=False) as http:
        return [_answer(http, endpoint, request, serving, passport) for request in requests]


def _answer(http: httpx.Client, endpoint: Endpoint, request: Request, serving: Serving, passport: Passport) -> Any:
    is_ours = serving.contestant.is_ours
    headers = {"Authorization": f"Bearer {passport.token(request.by)}"} if is_ours else {}
    if request.body:
        headers["Content-Type"] = "application/json"
    path = request.path if is_ours else request.path + request.for_peer
    response = http.request(request.method, path, content=request.body, headers=headers)
    if not response.is_success:
        raise AnswersDiffer(f"{serving.contestant.name}: {request.method} {path} answers {response.text}")
    return response.status_code, _formed(response.json()) if endpoint.writes else response.json()


def _formed(value: Any) -> Any:
    """The value, with the word "id" for each id in it and the word "time" for each time."""
    if isinstance(value, dict):
        return {name: _formed(each) for name, each in value.items()}
    if isinstance(value, str):
        return TIME.sub("time", ID.sub("id", value))
    return value
