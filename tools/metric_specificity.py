"""Which metric answers to which fault: `python -m tools.metric_specificity`.

Writes docs/methods/specificity.md from phantoms with one fault at a time. To be run again when a
metric comes, goes or changes; a test says when the document no longer agrees with METRICS.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sts_qa.science.imaging.value_ranges import robust_range
from sts_qa.science.metrics.compute import compute
from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.image import Kind
from sts_qa.science.metrics.metal import metal_level
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.metrics.volumes import VolumeRange, compute_volume
from sts_qa.science.phantoms.faults import (
    FAULTS,
    FaultyPhantom,
    faulty_radiograph,
    faulty_volume,
)

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "methods" / "specificity.md"

SEEDS = (1, 2, 3)
SPREADS = 2.0
SMALLEST_SHARE = 0.05
"""A metric answers when it moves by more SD of the clean phantoms than this, and by this share."""

MEANT_FOR: dict[str, tuple[str, ...]] = {
    "rms_contrast": ("low_contrast",),
    "percentile_contrast": ("low_contrast",),
    "histogram_spread": ("low_contrast",),
    "entropy": ("low_contrast",),
    "contrast_to_noise": ("low_contrast",),
    "contrast_to_noise_sigma": ("low_contrast", "noise"),
    "coefficient_of_joint_variation": ("low_contrast",),
    "tooth_background_auc": ("low_contrast",),
    "tenengrad": ("blur",),
    "tenengrad_noise_corrected": ("blur",),
    "blur_effect": ("blur",),
    "blur_effect_x": ("blur",),
    "blur_effect_y": ("blur",),
    "edge_width": ("blur",),
    "edge_width_x": ("blur",),
    "edge_width_y": ("blur",),
    "noise_sigma": ("noise",),
    "noise_sigma_immerkaer": ("noise",),
    "clipped_low": ("clipping",),
    "clipped_high": ("clipping",),
    "near_white": ("clipping", "streaks"),
    "percentile_range": ("low_contrast",),
    "dynamic_range_bits": ("low_contrast", "noise"),
    "occupied_levels": ("low_contrast",),
    "blockiness": ("compression",),
    "over_range_fraction": ("streaks",),
    "artifact_index": ("streaks",),
    "streak_energy": ("streaks",),
    "ring_index": ("rings",),
    "air_sigma": ("noise", "streaks", "rings", "motion"),
    "air_artifact_share": ("streaks", "motion"),
    "foreground_background_energy": ("noise", "streaks", "rings", "motion"),
    "entropy_focus": ("noise", "rings", "motion"),
}
"""Faults that a metric is to show; the others it should leave alone. Not listed: none."""

Values = dict[str, float | None]


@dataclass(frozen=True)
class Response:
    """What one fault at its worst does to one metric.

    Parameters
    ----------
    clean : float or None
        Mean over the phantoms; None where none of them has a value.
    worst : float
        Mean over the phantoms.
    answers : bool
        Whether it moves by more than clean phantoms differ.
    wrong_way : bool
        Whether the worse image has the better value.
    """

    clean: float | None
    worst: float
    answers: bool
    wrong_way: bool

    @property
    def text(self) -> str:
        """The ratio of worst to clean; where that says nothing, the difference or the value."""
        if self.clean is None:
            return f"={self.worst:.2g}"
        if self.clean > 0 and 1e-3 < self.worst / self.clean < 1e3:
            return f"x{self.worst / self.clean:.2g}"
        return f"{self.worst - self.clean:+.2g}"


def image_metrics(kind: Kind) -> list[Metric]:
    """Entries of METRICS that look at one image of a kind, in their order."""
    return [one for one in METRICS.values() if one.scope == "image" and kind in one.kinds]


def measure_radiograph(fault: str, strength: float, seed: int) -> Values:
    """Values of all metrics of a radiograph with one fault."""
    phantom = faulty_radiograph(fault, strength, seed)
    names = [metric.name for metric in image_metrics("radiograph")]
    found = compute(names, phantom.pixels, phantom.mask)
    return {name: entry.value for name, entry in found.items()}


def measure_volume(fault: str, strength: float, seed: int) -> Values:
    """Medians over the axial slices of a volume with one fault."""
    phantom = faulty_volume(fault, strength, seed)
    found = compute_volume(
        [metric.name for metric in image_metrics("volume")],
        phantom.pixels,
        phantom.mask,
        volume_range=_range_with_metal(phantom),
        spacing=phantom.spacing,
    )
    return {name: values.summary.median for name, values in found.items()}


def _range_with_metal(phantom: FaultyPhantom) -> VolumeRange:
    """What slices know of the whole volume, as when a volume is measured from its store."""
    voxels = phantom.pixels
    low, high = robust_range(voxels)
    level = metal_level(Distribution.of(voxels), low, high, float(np.median(voxels[phantom.mask])))
    return VolumeRange(low, high, float(voxels.min()), float(voxels.max()), level)


MEASURE: dict[Kind, Callable[[str, float, int], Values]] = {
    "radiograph": measure_radiograph,
    "volume": measure_volume,
}


def measure_clean(kind: Kind) -> list[Values]:
    """Values of the clean phantoms, one dict per seed."""
    return [MEASURE[kind](FAULTS[0], 0, seed) for seed in SEEDS]


def responses(kind: Kind, fault: str, clean: Sequence[Values]) -> dict[str, Response | None]:
    """Response of every metric to a fault at strength 1; None where values are missing."""
    worst = [MEASURE[kind](fault, 1, seed) for seed in SEEDS]
    return {
        metric.name: _response(
            metric, [one[metric.name] for one in clean], [one[metric.name] for one in worst]
        )
        for metric in image_metrics(kind)
    }


def _response(
    metric: Metric, clean: Sequence[float | None], worst: Sequence[float | None]
) -> Response | None:
    before = [value for value in clean if value is not None]
    after = [value for value in worst if value is not None]
    if len(before) not in (0, len(SEEDS)) or len(after) < len(SEEDS):
        return None
    if not before:
        return Response(None, statistics.mean(after), answers=True, wrong_way=False)
    middle, change = statistics.mean(before), statistics.mean(after) - statistics.mean(before)
    least = max(SPREADS * statistics.stdev(before), SMALLEST_SHARE * abs(middle), 1e-9)
    better_up = {"up": True, "down": False}.get(metric.direction)
    answers = abs(change) > least
    wrong_way = answers and better_up is not None and (change > 0) == better_up
    return Response(middle, middle + change, answers, wrong_way)


def cell(name: str, fault: str, found: Response | None) -> str:
    """One cell of the table; the legend is in the document."""
    meant = fault in MEANT_FOR.get(name, ())
    if found is None:
        return "–"
    if not found.answers:
        return "missed" if meant else "·"
    text = f"**{found.text}**" if meant else found.text
    return f"{text} (!)" if found.wrong_way else text


def table(kind: Kind) -> str:
    """Markdown table of all image metrics of a kind against all faults."""
    clean = measure_clean(kind)
    columns = {fault: responses(kind, fault, clean) for fault in FAULTS}
    heads = [fault.replace("_", " ") for fault in FAULTS]
    lines = [f"| metric | {' | '.join(heads)} |", "|---" * (len(FAULTS) + 1) + "|"]
    for metric in image_metrics(kind):
        cells = [cell(metric.name, fault, columns[fault][metric.name]) for fault in FAULTS]
        lines.append(f"| `{metric.name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def only_of_masks() -> str:
    """Names of the metrics that look at masks alone, for the document."""
    names = [f"`{one.name}`" for one in METRICS.values() if one.scope == "mask"]
    return ", ".join(names) if names else "none"


def document() -> str:
    """The whole document."""
    return TEXT.format(
        radiographs=table("radiograph"),
        volumes=table("volume"),
        only_of_masks=only_of_masks(),
        spreads=f"{SPREADS:g}",
        share=f"{SMALLEST_SHARE:.0%}",
        phantoms=len(SEEDS),
    )


TEXT = """# Which metric answers to which fault

Written by `python -m tools.metric_specificity` from phantoms with one fault at a time; a test fails
when it no longer agrees with METRICS. A metric that moves shows that *something* is wrong; this
table says what else could have moved it. So metrics are read as a list, never as one sum.

A cell gives the value of the worst phantom divided by that of the clean one (x), the difference
(+, -) where the clean value is about 0, or the value alone (=) where clean ones have none; means of
{phantoms} phantoms.

- **bold**: the fault that the metric is meant for, and it answers.
- plain: it answers to a fault that it is not meant for and should leave alone. To be read beside
  the metrics that are meant for that fault.
- (!): the wrong way. The image is worse, the value is better.
- ·: no answer: it moves by less than {spreads} SD of the clean phantoms, or by less than {share}.
- missed: it is meant for this fault and does not answer.
- –: no value.

## Radiographs

{radiographs}

## Axial slices of volumes

Medians over the slices. Grey values are those of the volume's robust range (0.5th to 99.5th
percentile), which a fault may move: what is pressed together is stretched again.

{volumes}

## What follows

- Contrast of volumes is seen by the metrics that compare teeth with what is around them and with
  the noise. RMS contrast, histogram spread, percentile range and entropy would go the wrong way or
  miss it, because the robust range stretches what was pressed together: they are not given there.
- `tooth_background_auc` says how far the grey values of teeth and background overlap. It does not
  change when all contrast is lost evenly, and is to be read beside the other contrast metrics.
- Gradient metrics take noise, stripes and a stretched grey scale for sharpness; edge widths and the
  noise-corrected Tenengrad much less.
- Strong compression erases noise: a low noise SD beside a high blockiness is no praise.
- `air_artifact_share` finds what is bright over several pixels of air, streaks and motion. Thin
  rings and noise are left to `ring_index` and `air_sigma`.
- `artifact_index` and `streak_energy` have values only where metal is seen; neither blurred nor
  moved enamel is taken for it.
- `comb_gaps` is meant for stretched grey scales of few levels, which none of these faults is.

## The faults at their worst

Code: `sts_qa/science/phantoms/faults.py`. The clean phantoms carry noise of SD 2 grey levels
(radiographs, 320 x 640, 8 bits) or 25 (eight slices of 256 x 256, like Hounsfield units, air around
the head). It is added after the fault, except where said, so that blur does not smooth it away.

- **blur**: Gaussian. Radiographs: SD 3 px. Volumes: SD 2.5 px, in the slice.
- **noise**: white. Radiographs: SD 20 grey levels. Volumes: SD 200.
- **low contrast**. Radiographs: a veil, 80% of every difference from the mean is lost. Volumes:
  what is denser than soft tissue loses 80% of the difference.
- **streaks**: metal. Radiographs: four saturated pieces on teeth, and tilted streaks of up to 60
  grey levels that are simply added. Volumes: four posts in teeth; rays through them are read with
  scattered radiation on top, and back-projected.
- **rings**. Radiographs: 8% of the detector's elements with a gain error of SD 25%, which makes
  stripes along rows. Volumes: 6% of the elements read too much or too little, SD 0.1 in units of
  the attenuation, and are back-projected.
- **motion**. Radiographs: up to 8 px up and down while the middle columns are taken through a slit
  of 7 px. Volumes: 4 mm in the slice, once, after a third of the scan, back-projected.
- **clipping**. Radiographs: grey values stretched 2.5 times about 110. Volumes: the grey scale ends
  at the median of the teeth; after the noise.
- **compression**: JPEG of quality 10, after the noise. Volumes: each slice, in 8 bits between the
  volume's extremes.

The mask is that of the teeth without the fault. The scanner is a small one with parallel beams over
a full turn (Kak & Slaney 1988, Principles of Computerized Tomographic Imaging, chapter 3). Real
noise is correlated and real faults come together: the table says what a metric can see, not how
often it will.

## Not in the tables

Metrics that look at a mask alone answer to no fault of an image: {only_of_masks}.
"""


def main() -> int:
    DOCUMENT.write_text(document(), encoding="utf-8")
    print(DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
