"""However the axes of a volume are stored, the canvases show it as a radiologist expects."""

from __future__ import annotations

from itertools import permutations, product

import nibabel
import numpy as np
from playwright.sync_api import Page

from tests.browser.rating_page import open_study
from tests.browser.viewer_page import expected_canvas, look, windowed

AXIS_CODES = [
    "".join(codes) for order in permutations(("RL", "AP", "SI")) for codes in product(*order)
]
MILLIMETRES = {"L": 0.2, "R": 0.2, "P": 0.3, "A": 0.3, "I": 0.5, "S": 0.5}
# Opens an assignment without the rating page around it, with a store that nothing is planned for
OPEN = """async (token) => {
  const viewer = document.querySelector("#viewer");
  const fetchBytes = async (address) => (await fetch(address)).arrayBuffer();
  const store = new viewer.store.constructor({ fetchBytes, budget: 1e8 });
  const answer = await fetch(`../assignments/${token}/`);
  viewer.open(await answer.json(), store);
}"""
EDGES = """() => Object.fromEntries(document.querySelector("#viewer").panes.shown.map((pane) =>
  [pane.name, [...pane.element.querySelectorAll(".edge")].map((edge) => edge.textContent).join("")]
))"""


def affine_of(codes: str) -> np.ndarray:
    """The affine whose stored axes run to where the codes say, in steps of their own length."""
    axes = nibabel.orientations.axcodes2ornt(tuple(codes))
    affine = np.diag([0.0, 0.0, 0.0, 1.0])
    for stored, (world, sign) in enumerate(axes):
        affine[int(world), stored] = sign * MILLIMETRES[codes[stored]]
    assert "".join(nibabel.aff2axcodes(affine)) == codes
    return affine


def expect_on_screen(page: Page, values: np.ndarray, affine: np.ndarray, codes: str) -> None:
    """By nibabel: right to left, anterior to posterior and superior to inferior on the screen."""
    ras = nibabel.as_closest_canonical(nibabel.Nifti1Image(values, affine)).get_fdata()
    # The middle one of an even number of slices is another from the other end
    right, anterior, superior = (length // 2 for length in ras.shape)
    shown = {
        "axial": (ras[::-1, ::-1, superior].T, 0.3 / 0.2),
        "coronal": (ras[::-1, anterior, ::-1].T, 0.5 / 0.2),
        "sagittal": (ras[right, ::-1, ::-1].T, 0.5 / 0.3),
    }
    for plane, (section, ratio) in shown.items():
        seen = look(page, plane, scale=2, smooth=False)
        assert np.isclose(seen.down / seen.across, ratio), (codes, plane)
        greys = windowed(section, seen.centre, seen.width)
        assert (seen.pixels == expected_canvas(seen, greys)).all(), (codes, plane)


def test_all_48_axis_codes_come_to_the_canvas_alike(
    transactional_db, files_study, open_page
) -> None:
    assert len(set(AXIS_CODES)) == 48
    values = files_study.random.integers(0, 4000, (10, 14, 18), dtype=np.int16)
    units = {}
    for codes in AXIS_CODES:
        affine = affine_of(codes)
        units[codes] = files_study.volume(f"{codes}.nii", values, affine=affine)
        units[codes].item_version.spacing = [MILLIMETRES[code] for code in codes]
        units[codes].item_version.save()
    files_study.start()
    page = open_page(files_study.rater.user, viewport={"width": 1280, "height": 720})
    open_study(page, files_study.study)
    for codes, unit in units.items():
        page.evaluate(OPEN, files_study.assignment(unit).token)
        expect_on_screen(page, values, affine_of(codes), codes)
        assert page.evaluate(EDGES) == {"axial": "ALPR", "coronal": "SLIR", "sagittal": "SPIA"}
