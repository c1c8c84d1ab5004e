# %% [markdown]
# # A whole study by program
#
# From a folder of images to Table 5, the mean scores of each category, through the REST API alone:
# import, sample, five raters that are programs, rating, closing, report. Every run makes a new
# dataset and a new study.
#
#     pip install "./clients/python[examples]"
#     STS_QA_TOKEN=stsqa_… python whole_study.py /data/images
#
# The token comes from the page "API tokens" of someone who may coordinate, with the scope manage.
# The folder is one that the server sees, below a folder open for import, in a layout that STS-QA
# knows. In a notebook (VS Code, or Jupyter with Jupytext) write both into the first cell.
#
# **The scores are made by programs.** Each looks at the pixels and applies a simple rule, stated
# below. They show how the API is used, and say nothing about how good the images are: programs are
# no experts, and count in Table 5 only because the report is asked for with `models=panel`.

# %%
import os
import sys
from datetime import UTC, datetime

import numpy as np
from sts_qa_client import Client, Json, Refused

ADDRESS = os.environ.get("STS_QA_ADDRESS", "http://localhost:8000")
TOKEN = os.environ["STS_QA_TOKEN"]
FOLDER = sys.argv[1]
NAME = f"By program, {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"

coordinator = Client(ADDRESS, TOKEN)


def show(job: Json) -> None:
    """Print how far long work is."""
    print(f"  {job['title']}: {job['state']}, {job['done']} of {job['total']}")


# %% [markdown]
# ## Import
# The first job makes a plan: each file with what becomes of it. Files that cannot be used are named
# with the reason. Applying the plan is the second job.

# %%
print("Import")
dataset = coordinator.create_dataset(NAME)["id"]
planned = coordinator.import_folder(dataset, FOLDER)
coordinator.wait_for_job(planned["job"]["id"], show)
for entry in coordinator.import_entries(dataset, planned["id"], outcome="error"):
    print(f"  {entry['key']}: {entry['reason']}")
applied = coordinator.apply_import(dataset, planned["id"])
coordinator.wait_for_job(applied["job"]["id"], show)
print(f"  {coordinator.dataset(dataset)['items']} items")

# %% [markdown]
# ## Study
# The protocol "STS evaluation" is built in: three criteria for the image, two for its mask, each up
# to 20. The sample is drawn once, here of all items; with its seed, and the frame it is drawn from,
# it can be drawn again.

# %%
print("Study")
study = coordinator.create_study(
    NAME, dataset, "sts-evaluation", fraction="1", practice_items=0, seed=20260
)["id"]
coordinator.draw_sample(study)
assert coordinator.verify_sample(study)["is_same"]

# %% [markdown]
# ## Five raters that are programs
# Each has a name, a version and a token of its own, limited to this study. It gets the same blinded
# queue as a person, in an order of its own. With the raters there the study can start.

# %%
STRICTNESS = {"Lenient": 0.0, "Mild": 0.1, "Middle": 0.2, "Firm": 0.3, "Strict": 0.4}
raters: dict[str, Client] = {}
for name in STRICTNESS:
    member = coordinator.add_program(study, f"{name} pixel rule", "1")
    made = coordinator.create_program_token(study, member["id"], "Example", days=1)
    raters[name] = Client(ADDRESS, made["secret"])

coordinator.wait_for_job(coordinator.start_study(study)["id"], show)


# %% [markdown]
# ## Rating by a rule
# For each assignment in its queue a program fetches the pixels of the image, or of the middle axial
# slice of a volume, and finds numbers between 0 and 1:
#
# - contrast: the span of the middle 90% of the values, as part of the whole span
# - sharpness: five times the step that 5% of the pixels exceed to a neighbour, as part of that span
# - artifacts: the part of the pixels that are neither the lowest nor the highest value
# - pixel accuracy: the part of the mask that is brighter than the median
# - boundary accuracy: the mean step at the mask's edge, as part of the step that 5% exceed
#
# A stricter program takes more off. The score is that part of what the criterion can reach.


# %%
def values_at(client: Client, plane: Json, dtype: str) -> np.ndarray:
    """Return the values of a plane, row by row; a volume's are those of the slice shown first."""
    address = plane["url"].replace("{slice}", str(plane.get("first_slice", 0)))
    return np.frombuffer(client.pixels(address), np.dtype(dtype).newbyteorder("<"))


def seen(client: Client, assignment: Json) -> tuple[np.ndarray, np.ndarray | None]:
    """Return image and mask, in which 1 is inside, of what there is to rate."""
    image, mask = assignment["image"], assignment["mask"]
    name, plane = next(iter(image["planes"].items()))
    shape = (plane["rows"], plane["columns"])
    values = values_at(client, plane, image["dtype"]).astype(float)
    pixels = values.reshape(*shape, -1).mean(axis=2)
    if mask is None:
        return pixels, None
    inside = {**mask["planes"][name], "first_slice": plane["first_slice"]}
    return pixels, values_at(client, inside, "uint8").reshape(shape)


def steps(pixels: np.ndarray) -> np.ndarray:
    """Return how far each pixel is from its neighbours to the right and below."""
    right = np.abs(np.diff(pixels, axis=1, append=pixels[:, -1:]))
    below = np.abs(np.diff(pixels, axis=0, append=pixels[-1:]))
    return np.maximum(right, below)


def measures(pixels: np.ndarray, mask: np.ndarray | None) -> dict[str, float]:
    """Return a part between 0 and 1 for each criterion."""
    low, high = np.percentile(pixels, [5, 95])
    span = float(np.ptp(pixels)) or 1.0
    slopes = steps(pixels)
    steepest = float(np.percentile(slopes, 95)) or 1.0
    found = {
        "contrast": (high - low) / span,
        "sharpness": 5 * steepest / span,
        "artifacts": np.mean((pixels > pixels.min()) & (pixels < pixels.max())),
    }
    if mask is not None and mask.any():
        edge = steps(mask.astype(float)) > 0
        found["pixel_accuracy"] = np.mean(pixels[mask > 0] > np.median(pixels))
        found["boundary_accuracy"] = slopes[edge].mean() / steepest if edge.any() else 0.0
    return {name: min(1.0, float(part)) for name, part in found.items()}


def rate_all(client: Client, strictness: float) -> int:
    """Rate the program's whole queue; return how many were rated."""
    # What each criterion of a kind of image can reach
    rubrics = client.queue(study)["rubrics"]
    count = 0
    for assignment in client.assignments(study):
        parts = measures(*seen(client, assignment))
        scores: dict[str, Json] = {}
        for criterion in rubrics[assignment["image"]["kind"]]["criteria"]:
            if (code := criterion["code"]) in assignment["criteria"]:
                part = parts.get(code, 0.0) * (1 - strictness)
                scores[code] = {"value": str(round(part * float(criterion["maximum"])))}
        client.rate(assignment["token"], scores, comment="Made by a program from a pixel rule.")
        count += 1
    return count


print("Rating")
for name, client in raters.items():
    print(f"  {name} rated {rate_all(client, STRICTNESS[name])}")

# %% [markdown]
# ## Closing
# Scores are sealed until the study is closed, for programs as for people.

# %%
try:
    coordinator.report(study, "quality-scores", models="panel")
except Refused as refused:
    print(f"  Before closing: {refused.status} {refused.kind}")
else:
    raise SystemExit("Results could be seen before closing.")
coordinator.close_study(study)

# %% [markdown]
# ## Table 5
# Programs count as raters because the report is asked for so, with `models=panel`; what it says of
# itself below the table tells. It is the table that the study's page of reports shows.


# %%
def printed(value: Json, column: Json) -> str:
    """Return a cell as the page shows it."""
    if value is None:
        return "-"
    if column["kind"] in ("number", "share"):
        sign = "%" if column["kind"] == "share" else "f"
        return f"{value:,.{column['decimals']}{sign}}"
    return f"{value:,}" if column["kind"] == "integer" else str(value)


table = coordinator.report(study, "quality-scores", models="panel")
means = next(block for block in table["blocks"] if block["slug"] == "means")
print(f"\n{table['title']}: {means['title']}\n")
print(" | ".join(column["label"] for column in means["columns"]))
for row in means["rows"]:
    print(" | ".join(printed(row[column["code"]], column) for column in means["columns"]))
print()
for label, text in table["provenance"].items():
    print(f"{label}: {text}")
print(f"\nThe study: {ADDRESS}/studies/{study}/")
