"""What a program asks of STS-QA, one method for each common thing."""

from __future__ import annotations

import io
import math
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sts_qa_client.connection import Connection, content_of
from sts_qa_client.errors import JobFailed, Json

if TYPE_CHECKING:
    import pandas

Scores = Mapping[str, Any]
Progress = Callable[[Json], None] | None


class Client(Connection):
    """What the account of the token may do; see `Connection` for the parameters.

    Each answer is the JSON object that the reference of the installation describes
    (/api/v1/docs/). What has no method here goes through `get`, `changed`, `post`, `patch`, `put`,
    `send_file`, `download`, `pages` and `stream` with a path below /api/v1/.

    Every method raises `Refused` when the server refuses, `httpx.TransportError` when it is not
    reached; those that yield do so while they are read.
    """

    # Datasets

    def datasets(self) -> Iterator[Json]:
        """Yield the datasets that one sees."""
        return self.pages("datasets/")

    def dataset(self, dataset: int) -> Json:
        """Return a dataset with its counts."""
        return self.get(f"datasets/{dataset}/")

    def create_dataset(self, name: str) -> Json:
        """Make an empty dataset and return it."""
        return self.post("datasets/", {"name": name})

    def import_folder(self, dataset: int, folder: str, **options: Any) -> Json:
        """Plan the import of a folder that the server sees; the answer holds its job."""
        return self.post(f"datasets/{dataset}/imports/", {"root": folder, **options})

    def import_archive(self, dataset: int, archive: str | Path, **options: Any) -> Json:
        """Send a ZIP file and plan its import."""
        return self.send_file(f"datasets/{dataset}/imports/", "archive", archive, options)

    def imports(self, dataset: int) -> Iterator[Json]:
        """Yield the imports of a dataset, the newest first."""
        return self.pages(f"datasets/{dataset}/imports/")

    def show_import(self, dataset: int, run: int) -> Json:
        """Return an import with its counts and its job."""
        return self.get(f"datasets/{dataset}/imports/{run}/")

    def import_entries(self, dataset: int, run: int, **filters: Any) -> Iterator[Json]:
        """Yield what the plan says of each file, errors first."""
        return self.stream(f"datasets/{dataset}/imports/{run}/entries/", **filters)

    def apply_import(self, dataset: int, run: int) -> Json:
        """Carry out a plan; the answer holds its job."""
        return self.post(f"datasets/{dataset}/imports/{run}/apply/")

    def import_masks(self, dataset: int, folder: str, name: str) -> Json:
        """Import further masks under a name; the answer is a job."""
        return self.post(f"datasets/{dataset}/masks/", {"root": folder, "name": name})

    def items(self, dataset: int, **filters: Any) -> Iterator[Json]:
        """Yield the items of a dataset."""
        return self.stream(f"datasets/{dataset}/items/", **filters)

    def decide_items(self, dataset: int, decisions: Sequence[Json], **options: Any) -> Json:
        """Keep or exclude up to 500 items; the answer says what became of each decision."""
        body = {"decisions": list(decisions), **options}
        return self.post(f"datasets/{dataset}/items/decisions/", body)

    def compute_metrics(self, dataset: int, **options: Any) -> Json:
        """Compute what is missing or outdated; the answer is a job."""
        return self.post(f"datasets/{dataset}/metrics/", options)

    def metric_values(self, dataset: int, **filters: Any) -> Iterator[Json]:
        """Yield the value, or why there is none, of each item and metric."""
        return self.stream(f"datasets/{dataset}/metrics/values/", **filters)

    def metrics_file(self, dataset: int, file_format: str = "csv", **options: Any) -> bytes:
        """Return all values as a file: csv or xlsx."""
        return self.download(f"datasets/{dataset}/metrics/values/", format=file_format, **options)

    # Long work

    def jobs(self) -> Iterator[Json]:
        """Yield one's own jobs, the newest first."""
        return self.pages("jobs/")

    def job(self, job: str) -> Json:
        """Return a job with its state and how far it is."""
        return self.get(f"jobs/{job}/")

    def cancel_job(self, job: str) -> Json:
        """Ask a job to end, and return it; what it has done stays done."""
        return self.post(f"jobs/{job}/cancel/")

    def wait_for_job(
        self, job: str, progress: Progress = None, *, every: float = 1, timeout: float = math.inf
    ) -> Json:
        """Return the job when it is done; `progress` is called whenever it has changed.

        Raises
        ------
        JobFailed
            When it failed or was cancelled.
        TimeoutError
            When it is not done after `timeout` seconds; it goes on.
        """
        until, state, tag = time.monotonic() + timeout, Json(), ""
        while True:
            changed, tag = self.changed(f"jobs/{job}/", tag)
            if changed is not None:
                state = changed
                if progress is not None:
                    progress(state)
            if state["state"] == "done":
                return state
            if state["state"] in ("failed", "cancelled"):
                raise JobFailed(state)
            if time.monotonic() + every > until:
                raise TimeoutError(f"{state['title']} is not done after {timeout} seconds.")
            time.sleep(every)

    # Protocols and studies

    def protocols(self) -> Iterator[Json]:
        """Yield the newest version of each protocol."""
        return self.pages("protocols/")

    def save_protocol(self, content: Mapping[str, Any]) -> Json:
        """Save a protocol or its next version, and return that version."""
        return self.post("protocols/", {"content": dict(content)})

    def studies(self, **filters: Any) -> Iterator[Json]:
        """Yield the studies in which one takes part."""
        return self.pages("studies/", **filters)

    def study(self, study: str) -> Json:
        """Return a study with its state and plan."""
        return self.get(f"studies/{study}/")

    def create_study(self, name: str, dataset: int, protocol: str, **plan: Any) -> Json:
        """Make a draft and return it; what is left out of the plan keeps its usual value."""
        body = {"name": name, "dataset": dataset, "protocol": protocol, **plan}
        return self.post("studies/", body)

    def import_ratings(self, name: str, file: str | Path, **options: Any) -> Json:
        """Make a closed study of ratings given elsewhere; with `dry_run`, only check the file."""
        return self.send_file("studies/imported/", "file", file, {"name": name, **options})

    def change_plan(self, study: str, **plan: Any) -> Json:
        """Change these parts of a draft's plan, and return the study."""
        return self.patch(f"studies/{study}/", plan)

    def draw_sample(self, study: str) -> Json:
        """Draw the sample, for good, and return the study."""
        return self.post(f"studies/{study}/draw/")

    def verify_sample(self, study: str) -> Json:
        """Draw again from the stored frame and seed; the answer says whether it is the same."""
        return self.get(f"studies/{study}/sample/verification/")

    def start_study(self, study: str) -> Json:
        """Check and keep the drawn files, then let the raters in; the answer is a job."""
        return self.post(f"studies/{study}/start/")

    def pause_study(self, study: str) -> Json:
        """Let nobody rate for now, and return the study."""
        return self.post(f"studies/{study}/pause/")

    def resume_study(self, study: str) -> Json:
        """Let the raters in again, and return the study."""
        return self.post(f"studies/{study}/resume/")

    def close_study(self, study: str) -> Json:
        """End the rating, for good, and return the study; its results are open then."""
        return self.post(f"studies/{study}/close/")

    def progress(self, study: str) -> Json:
        """Return how far each rater is."""
        return self.get(f"studies/{study}/progress/")

    # People and programs of a study

    def members(self, study: str, **filters: Any) -> Iterator[Json]:
        """Yield who takes part, programs too."""
        return self.pages(f"studies/{study}/members/", **filters)

    def add_member(self, study: str, username: str, **member: Any) -> Json:
        """Let a person take part; the answer holds the invitation link of a new account."""
        return self.post(f"studies/{study}/members/", {"username": username, **member})

    def add_program(self, study: str, name: str, version: str) -> Json:
        """Let a program rate beside people, blinded like them."""
        return self.post(f"studies/{study}/members/programs/", {"name": name, "version": version})

    def create_program_token(self, study: str, member: int, name: str, *, days: int = 30) -> Json:
        """Make a token with which a program rates in this study; its secret is told once."""
        body = {"name": name, "days": days}
        return self.post(f"studies/{study}/members/{member}/tokens/", body)

    # Rating

    def queue(self, study: str) -> Json:
        """Return how far one is, the rubrics, and the assignments handed out."""
        return self.get(f"studies/{study}/queue/")

    def assignments(self, study: str) -> Iterator[Json]:
        """Yield one's assignments in order; rate or skip each before asking for the next."""
        while (answer := self.request("GET", f"studies/{study}/queue/next/")).status_code != 204:
            yield content_of(answer)

    def pixels(self, address: str, **query: Any) -> bytes:
        """Return the stored values at an address that an assignment holds, row by row."""
        return self.download(address, **query)

    def rate(self, assignment: str, scores: Scores, *, key: str = "", **more: Any) -> Json:
        """Submit a rating; `replaces` names the rating that it takes the place of."""
        path = f"assignments/{assignment}/ratings/"
        return self.post(path, {"scores": dict(scores), **more}, key=key)

    def rate_many(
        self, study: str, ratings: Sequence[Json], *, mode: str = "per_row", key: str = ""
    ) -> Json:
        """Submit up to 10,000 ratings at once, each with `assignment` and `scores`.

        A rating may have an `idempotency_key` of its own; else it gets one.
        """
        rows = [{"idempotency_key": str(uuid.uuid4()), **rating} for rating in ratings]
        body = {"mode": mode, "ratings": rows}
        return self.post(f"studies/{study}/ratings/", body, key=key)

    def own_ratings(self, study: str) -> Iterator[Json]:
        """Yield one's own ratings that count.

        `scores` and `comment` are None to a program while the study is sealed; `id` is what
        `rate` takes as `replaces`.
        """
        return self.stream(f"studies/{study}/ratings/")

    # Reports

    def reports(self, study: str) -> Iterator[Json]:
        """Yield the reports of a study, with what each lets choose."""
        return self.pages(f"studies/{study}/reports/")

    def report(self, study: str, slug: str, **options: Any) -> Json:
        """Return a report with its blocks, rows, notes and provenance."""
        return self.get(f"studies/{study}/reports/{slug}/", format="json", **options)

    def report_file(self, study: str, slug: str, file_format: str = "csv", **options: Any) -> bytes:
        """Return a report as a file: csv, xlsx or json."""
        return self.download(f"studies/{study}/reports/{slug}/", format=file_format, **options)

    def report_frame(self, study: str, slug: str, **options: Any) -> pandas.DataFrame:
        """Return a report's rows as a pandas table; needs the extra `tables`."""
        import pandas

        text = self.report_file(study, slug, **options).decode("utf-8-sig")
        # An empty cell is a missing value; a text such as "None" is a text
        missing = {"keep_default_na": False, "na_values": [""]}
        return pandas.read_csv(io.StringIO(text), comment="#", **missing)
