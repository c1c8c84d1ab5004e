"""Reading an image and its mask as one unit."""

from dataclasses import replace

from sts_qa.science.imaging.facts import read_facts
from sts_qa.science.imaging.masks import read_mask_facts
from sts_qa.science.imaging.pairs import Problem, read_pair
from tests.catalogue.folders import mask_png, png


def written(tmp_path, **files):
    paths = {}
    for name, content in files.items():
        paths[name] = tmp_path / f"{name}.png"
        paths[name].write_bytes(content)
    return paths


def test_facts_are_those_of_the_single_readers(tmp_path):
    paths = written(tmp_path, image=png(1), mask=mask_png())
    pair = read_pair((paths["image"], paths["mask"]))
    assert pair.image == read_facts(paths["image"])
    assert pair.mask == read_mask_facts(paths["mask"])
    assert pair.difference == ""


def test_an_image_without_mask(tmp_path):
    pair = read_pair((written(tmp_path, image=png(1))["image"], None))
    assert (pair.mask, pair.difference) == (None, "")


def test_a_different_size_is_said(tmp_path):
    paths = written(tmp_path, image=png(1), mask=mask_png((16, 31)))
    assert read_pair((paths["image"], paths["mask"])).difference == "shape"


def test_a_damaged_file_is_a_problem_and_the_other_is_read_all_the_same(tmp_path):
    paths = written(tmp_path, image=png(1), mask=mask_png(), bad=b"")
    pair = read_pair((paths["bad"], paths["mask"]))
    assert isinstance(pair.image, Problem)
    assert (pair.image.code, pair.mask) == ("empty", read_mask_facts(paths["mask"]))
    pair = read_pair((paths["image"], paths["bad"]))
    assert pair.image == read_facts(paths["image"])
    assert isinstance(pair.mask, Problem)
    assert replace(pair, mask=None) == read_pair((paths["image"], None))
