"""A running study that programs rate, each with a token of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

TOKEN_LIFE = timedelta(days=1)


@dataclass(frozen=True)
class Program:
    """One program among the raters: its membership and the secret of its token."""

    membership: Any
    secret: str


def import_folder(folder: Path, name: str, person: Any) -> Any:
    """Import a folder as a dataset of its own, in this process."""
    from sts_qa.catalogue.actions import apply_import, create_dataset, start_import

    dataset = create_dataset(name=name, acting_user=person)
    run = start_import(dataset=dataset, root=str(folder), acting_user=person)
    _work_off(run.job)
    _work_off(apply_import(run=run, acting_user=person))
    return dataset


def start_program_study(
    dataset: Any, name: str, person: Any, *, programs: int, **plan: Any
) -> tuple[Any, list[Program]]:
    """Start a study of the whole dataset with that many programs as raters."""
    from sts_qa.protocols.queries import built_in_version
    from sts_qa.studies import actions as studies

    study = studies.create_study(
        name=name,
        dataset=dataset,
        protocol_version=built_in_version("sts-evaluation"),
        acting_user=person,
        **{"fraction": 1, "practice_items": 0, "repeat_share": 0, "seed": 1, **plan},
    )
    study = studies.draw_sample(study=study, acting_user=person)
    members = [
        studies.create_model_rater(
            study=study, name=f"Program {number}", version="1", acting_user=person
        )
        for number in range(1, programs + 1)
    ]
    _work_off(studies.start_study(study=study, acting_user=person))
    study.refresh_from_db()
    secrets = [secret_of(one.user, person, study=study) for one in members]
    return study, [Program(*both) for both in zip(members, secrets, strict=True)]


def secret_of(
    user: Any, person: Any, *, scopes: tuple[str, ...] = ("read", "rate"), study: Any = None
) -> str:
    """Return the secret of a new token of `user`, made by `person`."""
    from django.utils import timezone

    from sts_qa.api.actions import create_token

    _token, secret = create_token(
        user=user,
        name="Benchmark",
        scopes=scopes,
        study=study,
        expires_at=timezone.now() + TOKEN_LIFE,
        acting_user=person,
    )
    return secret


def _work_off(job: Any) -> None:
    from sts_qa.jobs.running import run_job

    run_job(job)
    job.refresh_from_db()
    if job.state != job.State.DONE:
        raise RuntimeError(f"The job {job.kind} is {job.state}: {job.error}")
