"""Slices of volumes in three planes, and what the queue says of planes and values."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from django.urls import reverse

from sts_qa.catalogue import files
from sts_qa.rating.queries import volume_facts
from sts_qa.science.imaging.slicing import PLANES
from tests.rating.conftest import LPS
from tests.rating.helpers import log_in, queue_of

pytestmark = pytest.mark.django_db


def _slice(client, assignment, plane, index):
    return client.get(reverse("rating:send_slice", args=[assignment.token, plane, index]))


def affine_of(codes):
    axes = nibabel.orientations.axcodes2ornt(tuple(codes))
    affine = np.eye(4)
    affine[:3, :3] = 0
    for stored, (world, sign) in enumerate(axes):
        affine[int(world), stored] = sign
    assert "".join(nibabel.aff2axcodes(affine)) == codes
    return affine


def on_screen(values, affine, plane, index):
    """The slice as radiologists see it, by nibabel: axes turned to right, anterior, superior."""
    image = nibabel.as_closest_canonical(nibabel.Nifti1Image(values, affine))
    turned = np.asarray(image.dataobj)[::-1, ::-1, ::-1]
    if plane == "axial":
        return turned[:, :, turned.shape[2] - 1 - index].T
    if plane == "coronal":
        return turned[:, turned.shape[1] - 1 - index, :].T
    return turned[turned.shape[0] - 1 - index, :, :].T


@pytest.mark.parametrize("codes", ["LPS", "RAS", "SAL", "IRP", "PIR"])
def test_every_slice_of_every_plane_in_display_orientation(client, files_study, codes):
    values = files_study.random.integers(-1000, 3000, (6, 5, 4)).astype(np.int16)
    affine = affine_of(codes)
    unit = files_study.volume("v.nii.gz", values, affine=affine)
    rater = files_study.start()
    log_in(client, rater)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    assert list(entry["image"]["planes"]) == list(PLANES)
    assignment = files_study.assignment(unit)
    for name, plane in entry["image"]["planes"].items():
        for index in range(plane["slices"]):
            expected = on_screen(values, affine, name, index)
            assert (plane["rows"], plane["columns"]) == expected.shape
            assert _slice(client, assignment, name, index).content == expected.tobytes()
        assert plane["first_slice"] == plane["slices"] // 2
        assert _slice(client, assignment, name, plane["slices"]).status_code == 404


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32"])
@pytest.mark.parametrize("plane", PLANES)
def test_every_type_at_full_depth(client, files_study, dtype, plane):
    values = files_study.random.normal(20_000, 9_000, (5, 6, 7))
    if dtype == "int16":
        values -= 20_000
    values = np.clip(values, 0, 255).astype("uint8") if dtype == "uint8" else values.astype(dtype)
    if dtype == "float32":
        values[2, 3, 3] = np.nan
    unit = files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    log_in(client, rater)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    answer = _slice(client, files_study.assignment(unit), plane, 3)
    expected = on_screen(values, LPS, plane, 3)
    assert entry["image"]["dtype"] == dtype
    assert answer.content == expected.astype(expected.dtype.newbyteorder("<")).tobytes()


def test_without_orientation_axes_are_shown_as_stored(client, files_study):
    values = files_study.random.integers(-99, 99, (6, 5, 4)).astype(np.int16)
    unit = files_study.volume("v.nii.gz", values)
    unit.item_version.affine = unit.item_version.spacing = None
    unit.item_version.save()
    rater = files_study.start()
    log_in(client, rater)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    image = entry["image"]
    assignment = files_study.assignment(unit)
    for plane, expected in {
        "axial": values[:, :, 1].T,
        "coronal": values[:, 1, :].T,
        "sagittal": values[1, :, :].T,
    }.items():
        assert _slice(client, assignment, plane, 1).content == expected.tobytes()
        assert image["planes"][plane]["edges"] is None
        assert not image["planes"][plane]["rows_cut"]["reverse"]
    assert (image["pixels"], image["pixel_ratio"], image["oblique"]) == ("square", 1.0, 0)


@pytest.mark.parametrize("codes", ["LPS", "SAL", "PIR"])
def test_a_point_is_found_again_in_the_other_planes(client, files_study, codes):
    """Each voxel has a value of its own, so that a wrong crosshair meets another value."""
    values = files_study.random.permutation(np.arange(-60, 60)).reshape(6, 5, 4).astype(np.int16)
    unit = files_study.volume("v.nii.gz", values, affine=affine_of(codes))
    rater = files_study.start()
    log_in(client, rater)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    planes = entry["image"]["planes"]
    assignment = files_study.assignment(unit)

    def value(plane, slices):
        """The value on a plane where the given slices of all three planes meet."""
        pixels = np.frombuffer(_slice(client, assignment, plane, slices[plane]).content, "<i2")
        shape = (planes[plane]["rows"], planes[plane]["columns"])
        place = []
        for cut, size in zip(("rows_cut", "columns_cut"), shape, strict=True):
            other = planes[plane][cut]
            index = slices[other["plane"]]
            place.append(size - 1 - index if other["reverse"] else index)
        return pixels.reshape(shape)[tuple(place)]

    for slices in ({"axial": 1, "coronal": 3, "sagittal": 2}, dict.fromkeys(PLANES, 0)):
        assert len({value(plane, slices) for plane in PLANES}) == 1


def test_what_is_said_of_each_plane(client, files_study):
    unit = files_study.volume("v.nii.gz", np.full((6, 5, 4), -1, np.int16))
    rater = files_study.start()
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    image, token = entry["image"], files_study.assignment(unit).token
    assert (image["kind"], image["channels"], image["bytes"]) == ("volume", 1, 240)
    assert image["pixels"] == "file"
    assert image["pixel_ratio"] == pytest.approx(0.4 / 0.3)
    cut = {name: {"plane": name, "reverse": True} for name in PLANES}
    assert image["planes"]["sagittal"] == {
        "rows": 4,
        "columns": 5,
        "slices": 6,
        "first_slice": 3,
        "pixel_height": 0.25,
        "pixel_width": 0.4,
        "edges": {"top": "S", "right": "P", "bottom": "I", "left": "A"},
        "url": f"/rating/pixels/{token}/sagittal/{{slice}}?v=2",
        "rows_cut": cut["axial"],
        "columns_cut": cut["coronal"],
    }
    letters = {name: "".join(plane["edges"].values()) for name, plane in image["planes"].items()}
    assert letters == {"axial": "ALPR", "coronal": "SLIR", "sagittal": "SPIA"}
    axial = image["planes"]["axial"]
    assert (axial["rows_cut"], axial["columns_cut"]) == (cut["coronal"], cut["sagittal"])


@pytest.mark.parametrize(("degrees", "said"), [(0, 0), (0.3, 0), (12, 12.0)])
def test_oblique_axes_are_said(client, files_study, degrees, said):
    turn = np.deg2rad(degrees)
    affine = np.diag([-0.3, -0.3, 0.3, 1.0])
    affine[:2, :2] = 0.3 * np.array([[-np.cos(turn), np.sin(turn)], [-np.sin(turn), -np.cos(turn)]])
    files_study.volume("v.nii.gz", np.zeros((6, 5, 4), np.int16), affine=affine)
    rater = files_study.start()
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    assert entry["image"]["oblique"] == said


def test_windows_are_those_of_the_whole_volume(client, files_study):
    values = files_study.random.normal(0, 300, (20, 20, 20)).astype(np.int16)
    values[0, 0, 0], values[1, 1, 1] = -3000, 9000
    files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    image = entry["image"]
    assert image["window"] == pytest.approx(list(np.percentile(values, [0.5, 99.5])))
    assert image["range"] == [-3000, 9000]
    assert (image["dtype"], image["slope"], image["intercept"]) == ("int16", 1, 0)
    presets = {preset["code"]: [preset["low"], preset["high"]] for preset in image["presets"]}
    assert presets == {
        "standard": image["window"],
        "full": [-3000, 9000],
        "robust": pytest.approx(list(np.percentile(values, [1, 99]))),
    }
    assert image["unit"] is None
    counted = image["histogram"]
    assert (counted["low"], counted["high"]) == (-3000, 9000)
    assert counted["counts"] == np.histogram(values, 256, (-3000, 9000))[0].tolist()


@pytest.mark.parametrize(("slope", "intercept"), [(2.0, -1024.0), (-0.5, 100.0)])
def test_windows_of_a_scaled_volume_are_in_real_values(client, files_study, slope, intercept):
    stored = files_study.random.integers(0, 3000, (8, 8, 8)).astype(np.int16)
    unit = files_study.volume("v.nii.gz", stored)
    _rescale(unit, stored, slope, intercept)
    rater = files_study.start()
    log_in(client, rater)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    image = entry["image"]
    real = stored * slope + intercept
    assert (image["slope"], image["intercept"]) == (slope, intercept)
    assert image["window"] == pytest.approx(list(np.percentile(real, [0.5, 99.5])))
    assert image["range"] == [real.min(), real.max()]
    counts = np.histogram(real, 256, (real.min(), real.max()))[0]
    # Values on an edge fall to the other side where a negative slope turns the axis round
    assert sum(image["histogram"]["counts"]) == stored.size
    assert np.abs(np.subtract(image["histogram"]["counts"], counts)).max() <= (slope < 0) * 4
    answer = _slice(client, files_study.assignment(unit), "axial", 2)
    assert answer.content == on_screen(stored, LPS, "axial", 2).tobytes()


def _rescale(unit, stored, slope, intercept):
    """Write the same stored values with a scale in the header, as the standard has it."""
    image = nibabel.Nifti1Image(stored, LPS)
    image.header.set_slope_inter(1, 0)
    plain = bytearray(image.to_bytes())
    plain[112:120] = np.array([slope, intercept], "<f4").tobytes()
    path = Path(unit.item_version.location).with_suffix("").with_suffix(".scaled.nii")
    path.write_bytes(plain)
    assert np.allclose(nibabel.load(path).get_fdata(), stored * slope + intercept)
    version = unit.item_version
    version.location, version.sha256 = str(path), files.checksum_of(str(path))
    version.save()


def test_windows_in_hounsfield_units_come_only_where_the_dataset_states_them(client, files_study):
    files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16))
    files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    files_study.view(hounsfield=True)
    rater = files_study.start()
    volume, radiograph = queue_of(log_in(client, rater), files_study.study)["assignments"]
    presets = {entry["code"]: (entry["low"], entry["high"]) for entry in volume["image"]["presets"]}
    # Centre and width: 500 and 2000, 50 and 400, 1500 and 3000
    assert presets["bone"] == (-500, 1500)
    assert presets["soft_tissue"] == (-150, 250)
    assert presets["tooth"] == (0, 3000)
    assert volume["image"]["unit"] == "HU"
    codes = [preset["code"] for preset in radiograph["image"]["presets"]]
    assert (codes, radiograph["image"]["unit"]) == (["standard", "full", "robust"], None)


OWN_PRESETS = [
    {"name": {"en": "Enamel", "zh": "牙釉质"}, "kind": "volume", "percentiles": ["2.5", "99.9"]},
    {"name": {"en": "Film"}, "kind": "radiograph", "percentiles": ["0.1", "99"]},
    {"name": {"en": "Metal"}, "kind": "volume", "centre": 2000, "width": 4000},
    {"name": {"en": "Dark"}, "kind": "radiograph", "centre": 60.5, "width": 121},
]


def test_windows_of_the_dataset_by_kind_and_in_the_raters_language(client, files_study):
    values = files_study.random.normal(0, 300, (9, 9, 9)).astype(np.float32)
    files_study.volume("v.nii.gz", values)
    files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    files_study.view(presets=OWN_PRESETS)
    rater = files_study.start()
    log_in(client, rater)
    volume, radiograph = queue_of(client, files_study.study)["assignments"]
    enamel, metal = volume["image"]["presets"][3:]
    low, high = np.percentile(values.astype(np.float64), [2.5, 99.9])
    assert enamel == {
        "code": "dataset-0",
        "name": "Enamel",
        "low": pytest.approx(low),
        "high": pytest.approx(high),
    }
    assert metal == {"code": "dataset-2", "name": "Metal", "low": 0, "high": 4000}
    film, dark = radiograph["image"]["presets"][3:]
    unknown = {"low": None, "high": None, "percentiles": [0.1, 99.0]}
    assert film == {"code": "dataset-1", "name": "Film", **unknown}
    assert dark == {"code": "dataset-3", "name": "Dark", "low": 0, "high": 121}
    rater.user.language = "zh-hans"
    rater.user.save()
    volume, radiograph = queue_of(client, files_study.study)["assignments"]
    assert volume["image"]["presets"][3]["name"] == "牙釉质"
    assert radiograph["image"]["presets"][3]["name"] == "Film"


def test_fractions_stay_fractions(client, files_study):
    values = files_study.random.normal(0, 1, (4, 4, 4)).astype(np.float32)
    values[0, 0, 0] = np.nan
    files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    assert entry["image"]["dtype"] == "float32"
    assert entry["image"]["range"] == [float(np.nanmin(values)), float(np.nanmax(values))]


def test_a_radiograph_and_a_slice_unit_have_no_slices(client, files_study):
    radiograph = files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    unit = files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16), slice_index=1)
    rater = files_study.start()
    log_in(client, rater)
    for one in (radiograph, unit):
        assert _slice(client, files_study.assignment(one), "axial", 0).status_code == 404


@pytest.mark.parametrize(
    ("plane", "index", "said"),
    [
        ("oblique", 0, "axial, coronal, sagittal"),
        ("mask", 0, "axial, coronal, sagittal"),
        ("Axial", 0, "axial, coronal, sagittal"),
        ("axial", 4, "0 to 3"),
        ("sagittal", 6, "0 to 5"),
        ("axial", 10**30, "0 to 3"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(client, files_study, plane, index, said):
    unit = files_study.volume("v.nii.gz", np.zeros((6, 5, 4), np.int16))
    rater = files_study.start()
    log_in(client, rater)
    answer = _slice(client, files_study.assignment(unit), plane, index)
    assert (answer.status_code, answer.json()["problem"]) == (404, "not_found")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    "end", ["axial/-1", "axial/x", "axial/", "axial", "axial/1/1", "axial/1e1"]
)
def test_an_address_that_is_none_is_not_found(client, files_study, end):
    unit = files_study.volume("v.nii.gz", np.zeros((6, 5, 4), np.int16))
    rater = files_study.start()
    token = files_study.assignment(unit).token
    answer = log_in(client, rater).get(f"/rating/pixels/{token}/{end}")
    assert answer.status_code == 404


def test_each_slice_of_each_plane_has_a_tag_of_its_own(client, files_study):
    unit = files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16))
    rater = files_study.start()
    log_in(client, rater)
    assignment = files_study.assignment(unit)
    places = [(plane, index) for plane in PLANES for index in range(4)]
    tags = {_slice(client, assignment, *place).headers["ETag"] for place in places}
    assert len(tags) == 12


def test_a_damaged_store_is_not_shown(client, files_study):
    values = files_study.random.integers(-99, 99, (8, 8, 8)).astype(np.int16)
    unit = files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    path = files.build_store(unit.item_version)
    log_in(client, rater)

    _damage(path)
    answer = _slice(client, files_study.assignment(unit), "axial", 0)
    # Built anew from the source
    assert answer.content == values[:, :, 0].T.astype("<i2").tobytes()

    _damage(path)
    Path(unit.item_version.location).write_bytes(b"changed")
    answer = _slice(client, files_study.assignment(unit), "axial", 1)
    assert (answer.status_code, answer.json()["problem"]) == (503, "unreadable")


@pytest.mark.parametrize("slice_index", [None, 1])
def test_no_volume_is_shown_through_a_window_made_up(client, files_study, monkeypatch, slice_index):
    """What could not be read when its page was made, but can be now, is described anew first."""
    values = np.arange(8 * 8 * 8, dtype=np.int16).reshape(8, 8, 8)
    unit = files_study.volume("v.nii.gz", values, slice_index=slice_index)
    rater = files_study.start()
    path, hidden = files.store_path(unit.item_version), files_study.folder / "away"
    path.unlink()
    monkeypatch.setattr(volume_facts, "_known", volume_facts._Known())
    Path(unit.item_version.location).rename(hidden)
    log_in(client, rater)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    hidden.rename(unit.item_version.location)

    plane = next(iter(entry["image"]["planes"].values()))
    for address in (plane["url"].replace("{slice}", "4"), entry["image"]["picture"]):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["problem"]) == (503, "unreadable")

    monkeypatch.setattr(volume_facts, "RETRY_SECONDS", 0)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    plane = next(iter(entry["image"]["planes"].values()))
    assert client.get(plane["url"].replace("{slice}", "4")).status_code == 200
    assert client.get(entry["image"]["picture"]).status_code == 200
    assert entry["image"]["range"] == [0, 511]


def _damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
