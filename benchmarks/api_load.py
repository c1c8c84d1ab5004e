"""`python -m benchmarks.api_load [--quick]`: what programs feel that rate through the API at once.

50 programs, in one process apart from the server's, submit to gunicorn as `serve` starts it, on
PostgreSQL: first each once a second on average, by chance; then each as soon as it has its answer.
Afterwards the database must hold exactly what was acknowledged. Then 20,000 ratings of five
criteria come in two calls, once stored row by row and once all or nothing.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.folders import write_radiographs
from benchmarks.installation import temporary_installation
from benchmarks.numbers import percentile
from benchmarks.postgres import postgres_server
from benchmarks.programs import Program, import_folder, start_program_study
from benchmarks.report import Measurement, report
from benchmarks.serving import PROJECT, choose_address, served

CLIENTS = 50
ITEMS, SECONDS, CLOSED_SECONDS = 400, 60.0, 20.0
QUICK_ITEMS, QUICK_SECONDS, QUICK_CLOSED_SECONDS = 120, 10.0, 5.0
# The first submissions find a server that has just started
WARM_SECONDS = 3.0
GOAL_MS = 250.0
VOLUMES, SLICES, CALLS = 20, 500, 2
MODES = ("per_row", "all_or_nothing")
QUICK_VOLUMES = 2
GOAL_SECONDS = 30.0
CRITERIA = 5


def run_clients(
    address: str, study: Any, programs: Sequence[Program], phases: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Let all programs submit in a process of their own; return what each phase acknowledged."""
    asked = {
        "host": address.removeprefix("http://"),
        "study": str(study.public_id),
        "secrets": [one.secret for one in programs],
        "phases": phases,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.api_clients"],
        cwd=PROJECT,
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def faults(study: Any, acknowledged: Sequence[dict[str, Any]]) -> list[str]:
    """Say what is wrong with what was stored; nothing when all is as it must be."""
    from sts_qa.audit.actions import study_chain
    from sts_qa.audit.models import Event
    from sts_qa.rating.models import Rating, Score

    count = len(acknowledged)
    ratings = Rating.objects.filter(assignment__membership__study=study)
    current = ratings.filter(is_current=True, is_late=False, channel=Rating.Channel.API)
    stored = current.values_list("assignment__token", "public_id")
    told = sorted((one["token"], one["rating"]) for one in acknowledged)
    values: dict[str, dict[str, int]] = {one["rating"]: {} for one in acknowledged}
    scores = Score.objects.filter(rating__in=ratings, value__isnull=False)
    for rating, code, value in scores.values_list("rating__public_id", "criterion__code", "value"):
        values.setdefault(str(rating), {})[code] = int(value)
    events = Event.objects.filter(chain__name=study_chain(study.pk), action="rating.submitted")
    rated = sum(study.memberships.values_list("rated_count", flat=True))
    found = {
        "lost or doubled ratings": sorted((token, str(one)) for token, one in stored) != told,
        "other scores than sent": values != {one["rating"]: one["scores"] for one in acknowledged},
        f"{ratings.count()} ratings of {count} submissions": ratings.count() != count,
        f"{events.count()} events of {count} submissions": events.count() != count,
        f"raters' progress says {rated} of {count}": rated != count,
    }
    return [text for text, is_wrong in found.items() if is_wrong]


def measure_load(address: str, study: Any, programs: Any, *, quick: bool) -> list[Measurement]:
    seconds = QUICK_SECONDS if quick else SECONDS
    phases = [
        {"seconds": WARM_SECONDS, "per_second": 1.0},
        {"seconds": seconds, "per_second": 1.0},
        {"seconds": QUICK_CLOSED_SECONDS if quick else CLOSED_SECONDS, "per_second": None},
    ]
    warm, usual, closed = run_clients(address, study, programs, phases)
    errors = [text for phase in (warm, usual, closed) for text in phase["errors"]]
    wrong = faults(study, [one for phase in (warm, usual, closed) for one in phase["submitted"]])
    print("\n".join(f"WRONG: {text}" for text in [*errors, *wrong]))
    times = [one["milliseconds"] for one in usual["submitted"]]
    closed_times = [one["milliseconds"] for one in closed["submitted"]]
    p95 = percentile(times, 0.95)
    what = f"{len(programs)} programs, each once a second for {seconds:.0f} s"
    return [
        Measurement(
            f"{what}: submit, 95th percentile",
            p95,
            "ms",
            percentile(closed_times, 0.95),
            "judged in the full form" if quick else f"< {GOAL_MS:.0f} ms",
            None if quick else p95 < GOAL_MS,
        ),
        Measurement("  median", percentile(times, 0.5), "ms", percentile(closed_times, 0.5)),
        Measurement("  99th percentile", percentile(times, 0.99), "ms"),
        Measurement("  longest", max(times), "ms", max(closed_times)),
        Measurement("  submissions", len(times), ""),
        Measurement(
            "most submissions a second, each as soon as it has its answer",
            len(closed_times) / closed["seconds"],
            "1/s",
        ),
        Measurement("errors", len(errors), "", goal="0", met=not errors),
        Measurement("faults in what was stored", len(wrong), "", goal="0", met=not wrong),
    ]


def write_volumes(folder: Path, count: int) -> None:
    """Write small labelled volumes of many slices."""
    from sts_qa.science.phantoms.files import nifti_bytes, write_file

    rng = np.random.default_rng(1)
    affine = np.diag([-0.3, -0.3, 0.3, 1.0])
    place = folder / "STS-3D-Tooth" / "Integrity" / "Labeled"
    for number in range(count):
        voxels = rng.integers(0, 2000, (24, 24, SLICES), dtype=np.int16)
        mask = np.ones(voxels.shape, dtype=np.uint8)
        name = f"volume_{number:04}.nii.gz"
        write_file(place / "Image" / name, nifti_bytes(voxels, affine))
        write_file(place / "Mask" / name, nifti_bytes(mask, affine))


def measure_bulk(
    address: str, study: Any, programs: Sequence[Program], mode: str
) -> list[Measurement]:
    """Send each program's ratings in one call of this mode, one call after the other."""
    from sts_qa.rating.models import Score

    host = address.removeprefix("http://")
    bodies = [_bulk_body(one, mode) for one in programs]
    count = sum(len(body["ratings"]) for body in bodies)
    start = time.perf_counter()
    refused = 0
    for one, body in zip(programs, bodies, strict=True):
        refused += len(body["ratings"]) - _send_many(host, study, one.secret, body)
    taken = time.perf_counter() - start
    stored = Score.objects.filter(
        rating__assignment__membership__study=study, value__isnull=False
    ).count()
    wrong = stored != CRITERIA * count or refused > 0
    calls = f"{len(programs)} calls of {len(bodies[0]['ratings']):,} ratings"
    goal = f"< {GOAL_SECONDS:.0f} s" if count * CRITERIA >= 100_000 else "judged in the full form"
    met = taken < GOAL_SECONDS if count * CRITERIA >= 100_000 else None
    return [
        Measurement(
            f"{CRITERIA * count:,} scores in {calls}, {mode}", taken, "s", goal=goal, met=met
        ),
        Measurement("  scores a second", CRITERIA * count / taken, "1/s"),
        Measurement("  scores stored", stored, "", goal=str(CRITERIA * count), met=not wrong),
    ]


def _bulk_body(program: Program, mode: str) -> dict[str, Any]:
    from sts_qa.protocols.models import Criterion

    version = program.membership.study.protocol_version
    codes = list(Criterion.objects.filter(version=version).values_list("code", flat=True))
    tokens = program.membership.assignments.order_by("turn").values_list("token", flat=True)
    ratings = [
        {
            "assignment": token,
            "idempotency_key": uuid.uuid4().hex,
            "scores": {code: {"value": str(number % 21)} for code in codes},
            "active_ms": 400,
        }
        for number, token in enumerate(tokens)
    ]
    return {"mode": mode, "ratings": ratings}


def _send_many(host: str, study: Any, secret: str, body: dict[str, Any]) -> int:
    """Send a call of many ratings; return how many were stored."""
    connection = http.client.HTTPConnection(host, timeout=300)
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    place = f"/api/v1/studies/{study.public_id}/ratings/"
    connection.request("POST", place, json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {text[:500].decode()}")
    return json.loads(text)["stored"]


def measure(address: str, folder: Path, person: Any, *, quick: bool) -> list[Measurement]:
    load = os.getloadavg()[0]
    write_radiographs(folder / "images", QUICK_ITEMS if quick else ITEMS)
    write_volumes(folder / "volumes", QUICK_VOLUMES if quick else VOLUMES)
    images = import_folder(folder / "images", "Images", person)
    study, programs = start_program_study(images, "One by one", person, programs=CLIENTS)
    volumes = import_folder(folder / "volumes", "Volumes", person)
    large = {
        mode: start_program_study(
            volumes,
            f"Many {mode}",
            person,
            programs=CALLS,
            unit="slice",
            slices_per_volume=SLICES,
        )
        for mode in MODES
    }
    with served(address, folder / "serve.log"):
        found = measure_load(address, study, programs, quick=quick)
        for mode, (many, senders) in large.items():
            found += measure_bulk(address, many, senders, mode)
    return [*found, Measurement("load average of the machine before the start", load, "")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="for seconds, with fewer ratings")
    quick = parser.parse_args().quick
    address = choose_address()
    os.environ["STS_QA_API_RATE"] = "1000000/min"
    with postgres_server() as url, temporary_installation(url) as (folder, person):
        measurements = measure(address, folder, person, quick=quick)
    return report("api_load-quick" if quick else "api_load", measurements)


if __name__ == "__main__":
    sys.exit(main())
