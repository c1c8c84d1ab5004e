"""Requests made up by schemathesis from the API's OpenAPI document, against a running server.

Every check of schemathesis is on: no answer may be a 5xx, and none may differ from what the
document says of its status, type, headers and content. Answers of 400 and 422 to data that the
document allows are no fault: not every rule can be said in it.
"""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.engine import Status, StopReason, events, from_schema

REFUSALS = ["2xx", "3xx", "400", "401", "403", "404", "409", "422", "429"]
ONE_BY_ONE, IN_CHAINS = ("examples", "coverage", "fuzzing"), ("stateful",)
# How often an identifier is one that exists
SHARE_KNOWN = 0.8
LONGEST_QUOTE = 1500
# The web server refuses a longer address before the application sees it
LONGEST_ADDRESS = 8100


@dataclass(frozen=True)
class Extent:
    """How much is tried: examples of each endpoint, chains of linked ones, and their length.

    `covers` adds the values at and beyond every limit of the document, one at a time.
    """

    examples: int
    chains: int
    chain_length: int = 8
    covers: bool = False
    seed: int = 1


@dataclass
class Findings:
    """What a run saw: faults, and how often each endpoint answered with which status."""

    faults: list[str] = field(default_factory=list)
    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    steps_by_link: int = 0

    @property
    def requests(self) -> int:
        return sum(sum(counted.values()) for counted in self.answers.values())

    @property
    def successful(self) -> set[str]:
        """Endpoints that answered with success at least once."""
        return {name for name, counted in self.answers.items() if any(s < 300 for s in counted)}


def fuzz(
    address: str,
    secret: str | None,
    known: Mapping[str, Sequence[Any]],
    extent: Extent,
    *,
    scores: Sequence[Any] = (),
    only: str | None = None,
) -> Findings:
    """Ask every endpoint at `address`, or the `only` one, with a token's secret or without any.

    `known` has identifiers that exist, by where they stand (`path.study_id`, `body.dataset`);
    `scores` are whole sets that items ask for, sent in turn along links.
    """
    findings = Findings()
    document = httpx.get(f"{address}/api/v1/openapi.json").raise_for_status().json()
    for phases in (ONE_BY_ONE, IN_CHAINS):
        settings = {"base-url": address, **_settings(secret, known, extent, phases)}
        config = SchemathesisConfig.from_dict(settings)
        schema = schemathesis.openapi.from_dict(closed(document), config=config)
        schema.hook(filter_failure)
        if phases == IN_CHAINS:
            schema.hook(map_query)
            schema.hook(map_headers)
            if scores:
                schema.hook(_sending(scores))
        if only is not None:
            schema = schema.include(operation_id=only)
        _run(schema, findings)
    return findings


def closed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document without the fields that later versions may add to answers.

    Of this version's answers the document names every field.
    """
    made: dict[str, Any] = copy.deepcopy(dict(document))
    for schema in made["components"]["schemas"].values():
        schema.setdefault("additionalProperties", False)
    return made


def _run(schema: Any, findings: Findings) -> None:
    seen = set[tuple[str, ...]]()
    for event in from_schema(schema).execute():
        for key, text in _faults_of(event):
            if key not in seen:
                seen.add(key)
                findings.faults.append(text)
        if isinstance(event, events.ScenarioFinished):
            _count(event, findings)


def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Say whether a fault counts; schemathesis knows this function by its name."""
    if isinstance(failure, AcceptedNegativeData) and _refused_by_row(case, response):
        return False
    return not (response.status_code == 414 and len(response.request.url) > LONGEST_ADDRESS)


def _refused_by_row(case: Any, response: Any) -> bool:
    """Say whether what the document does not allow stood in a row, which its answer refused."""
    body = case.body
    return (
        case.operation.definition.raw.get("operationId") == "submit_ratings"
        and isinstance(body, dict)
        and body.keys() == {"mode", "ratings"}
        and body["mode"] == "per_row"
        and response.status_code == 200
        and response.json()["refused"] > 0
    )


def map_query(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Leave out a made-up place in a list, which leads nowhere; schemathesis calls this."""
    return query and {name: value for name, value in query.items() if name != "cursor"}


def map_headers(_context: Any, headers: dict[str, Any] | None) -> dict[str, Any] | None:
    """Ask for the content even where it is known; schemathesis calls this."""
    return headers and {name: value for name, value in headers.items() if name != "If-None-Match"}


def _sending(scores: Sequence[Any]) -> Callable[[Any, Any], Any]:
    """Return what puts these scores in the place of made-up ones, which no study takes."""
    turn = cycle(scores)

    def map_body(_context: Any, body: Any) -> Any:
        """Schemathesis knows this function by its name."""
        if isinstance(body, dict):
            for rating in (body, *body.get("ratings", ())):
                if isinstance(rating, dict) and "scores" in rating:
                    rating["scores"] = next(turn)
        return body

    return map_body


def _settings(
    secret: str | None,
    known: Mapping[str, Sequence[Any]],
    extent: Extent,
    phases: Sequence[str],
) -> dict[str, Any]:
    generation = {"deterministic": True, "database": "none", "no-shrink": True}
    bound = {"probability": SHARE_KNOWN}
    settings: dict[str, Any] = {
        "seed": extent.seed,
        "continue-on-failure": True,
        "suppress-health-check": ["all"],
        "generation": {**generation, "max-examples": extent.examples},
        "phases": {
            "examples": {"enabled": "examples" in phases},
            "coverage": {"enabled": "coverage" in phases and extent.covers},
            "fuzzing": {"enabled": "fuzzing" in phases},
            "stateful": {
                "enabled": "stateful" in phases,
                "max-steps": extent.chain_length,
                # A refused request leads nowhere
                "generation": {**generation, "max-examples": extent.chains, "mode": "positive"},
            },
        },
        "checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}},
        "dictionaries": {
            place.replace(".", "-"): {"values": list(values)} for place, values in known.items()
        },
        "parameters": {place: {"dictionary": place.replace(".", "-"), **bound} for place in known},
    }
    if secret is not None:
        settings["auth"] = {"openapi": {"token": {"bearer": secret}}}
    return settings


def _faults_of(event: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is wrong by the event: what tells it from other faults, and the words."""
    if isinstance(event, events.NonFatalError):
        yield (event.label, event.info.title), f"{event.label}: {event.info.format()}"
    elif isinstance(event, events.EngineFinished):
        if event.stop_reason != StopReason.COMPLETED:
            yield ("", event.stop_reason), f"The run ended early: {event.stop_reason}."
        for failure in event.failures:
            yield (failure.operation, failure.title), f"{failure.operation}: {failure}"
    elif isinstance(event, events.ScenarioFinished):
        for case, checks in event.recorder.checks.items():
            for check in checks:
                if check.status == Status.FAILURE and check.failure_info is not None:
                    failure = check.failure_info.failure
                    key = (check.name, failure.operation, failure.title)
                    words = f"{failure.operation}: {check.name}: {failure}"
                    asked = check.failure_info.code_sample[:LONGEST_QUOTE]
                    yield key, f"{words}\n{asked}\n{_answer_to(case, event)}"


def _answer_to(case: str, event: events.ScenarioFinished) -> str:
    answer = event.recorder.interactions[case].response
    if answer is None:
        return "no answer"
    said = answer.content[:LONGEST_QUOTE].decode(errors="replace")
    return f"{answer.status_code} {said}"


def _count(event: events.ScenarioFinished, findings: Findings) -> None:
    for case, interaction in event.recorder.interactions.items():
        node = event.recorder.cases.get(case)
        if node is None or interaction.response is None:
            continue
        findings.answers[node.value.operation.label][interaction.response.status_code] += 1
        findings.steps_by_link += bool(node.transition)
