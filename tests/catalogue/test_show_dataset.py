"""What a dataset consists of, on one page."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from sts_qa.catalogue.actions import add_member
from sts_qa.jobs.models import Job
from sts_qa.measurements.actions import start_metrics
from sts_qa.screening.actions import decide
from tests.catalogue.folders import mask_png, mask_volume, png, volume
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_user

TREE = {
    "STS-2D-Tooth/A-PXI/Labeled/Image/1.png": png(1),
    "STS-2D-Tooth/A-PXI/Labeled/Mask/1.png": mask_png(),
    "STS-2D-Tooth/A-PXI/Labeled/Image/2.png": png(2),
    "STS-2D-Tooth/A-PXI/Unlabeled/Image/3.png": png(3),
    "STS-2D-Tooth/A-PXI/Unlabeled/Image/4.png": b"no image",
    "STS-2D-Tooth/C-PXI/Unlabeled/Image/5.png": png(5),
    "STS-2D-Tooth/C-PXI/Unlabeled/Image/6.png": png(6),
    "STS-3D-Tooth/ROI/Labeled/Image/7.nii.gz": volume(7),
    "STS-3D-Tooth/ROI/Labeled/Mask/7.nii.gz": mask_volume(),
    "STS-3D-Tooth/Integrity/Unlabeled/Image/8.nii.gz": volume(8),
}


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:show_dataset", args=[dataset.pk])


@pytest.fixture
def filled(dataset, owner, write, bring_in):
    """TREE: one mask and one image are bad; 5.png is excluded, and 6.png is gone."""
    folder = write(TREE)
    bring_in(dataset, folder)
    (folder / "STS-2D-Tooth/C-PXI/Unlabeled/Image/6.png").unlink()
    bring_in(dataset, folder)
    item = dataset.items.get(key__endswith="5.png")
    decide(item=item, outcome="exclude", reason="duplicate", acting_user=owner)
    return dataset


def table(page: str, caption: str) -> dict[str, list[str]]:
    """Return the cells of each row of a table by the text of its row heading."""
    (body,) = re.findall(rf'<caption id="{caption}">.*?<tbody>(.*?)</tbody>', page)
    rows = {}
    for row in re.findall(r"<tr.*?</tr>", body):
        heading, *cells = (
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        )
        rows[heading] = cells
    return rows


def test_an_empty_dataset_says_to_import(client, dataset, owner, address):
    client.force_login(owner)
    page = text_of(client.get(address))
    assert "No images yet" in page
    assert "<table" not in page
    assert page.count(reverse("catalogue:start_import", args=[dataset.pk])) == 1


def test_items_are_counted_by_label_and_by_what_leaves_them_out(client, filled, owner, address):
    """Columns: unlabelled, labelled, total, missing, unreadable, excluded, held back, usable."""
    client.force_login(owner)
    rows = table(text_of(client.get(address)), "composition-caption")
    assert rows == {
        "A-PXI STS-2D-Tooth": ["2", "2", "4", "0", "1", "0", "1", "2"],
        "C-PXI STS-2D-Tooth": ["2", "0", "2", "1", "0", "1", "0", "0"],
        "STS-2D-Tooth": ["4", "2", "6", "1", "1", "1", "1", "2"],
        "STS-3D-Tooth": ["1", "1", "2", "0", "0", "0", "0", "2"],
        "All": ["5", "3", "8", "1", "1", "1", "1", "4"],
    }


def test_every_number_left_out_leads_to_just_these_items(client, filled, owner, address):
    client.force_login(owner)
    page = client.get(address).content.decode()
    links = re.findall(r'<a href="([^"]*standing=[^"]*)">(\d+)</a>', page)
    assert len(links) == 8
    for link, count in links:
        listed = client.get(link.replace("&amp;", "&")).context["entries"]
        assert len(listed) == int(count), link


def test_folders_are_counted_with_their_slices(client, filled, owner, address):
    client.force_login(owner)
    page = text_of(client.get(address)).replace(
        '<th scope="row">STS-3D-Tooth</th> <td>', '<th scope="row">STS-3D-Tooth '
    )
    assert table(page, "parts-caption") == {
        "A-PXI": ["–", "2", "2", "4", "–", "–", "–"],
        "C-PXI": ["–", "2", "0", "2", "–", "–", "–"],
        "STS-3D-Tooth Integrity": ["1", "0", "1", "4", "0", "4"],
        "STS-3D-Tooth ROI": ["0", "1", "1", "0", "4", "4"],
    }


def test_sizes_are_printed_as_papers_do(client, filled, owner, address):
    client.force_login(owner)
    rows = table(text_of(client.get(address)), "sizes-caption")
    assert rows["Radiograph"] == ["32 × 16", "–", "uint8", "4"]
    assert rows["Volume"] == ["6 × 5 × 4", "0.3 × 0.3 × 0.3", "int16", "2"]


def test_imports_and_members_stand_there(client, filled, owner, address):
    client.force_login(owner)
    response = client.get(address)
    page = text_of(response)
    assert [run.pk for run in response.context["runs"]] == sorted(
        filled.imports.values_list("pk", flat=True), reverse=True
    )
    assert str(owner) in page
    for run in filled.imports.all():
        assert reverse("catalogue:show_import", args=[filled.pk, run.pk]) in page


def test_it_says_how_far_the_metrics_are(client, filled, owner, address):
    client.force_login(owner)
    link = reverse("measurements:show_metrics", args=[filled.pk])
    assert f'<a href="{link}">Not computed</a>' in text_of(client.get(address))
    start_metrics(dataset=filled, acting_user=owner)
    assert f'<a href="{link}">Queued</a>' in text_of(client.get(address))


def test_a_superuser_sees_every_dataset(client, dataset, address):
    client.force_login(make_user(is_superuser=True))
    assert client.get(address).status_code == 200


def test_only_members_may(client, dataset, address):
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED
    assert client.post(address).status_code == 405


def test_the_page_says_how_far_volumes_are_ready_for_viewing(
    client, dataset, owner, filled, address
):
    job = Job.objects.get(kind="build_stores")
    client.force_login(owner)
    page = client.get(address).content.decode()
    assert f'<a href="{job.get_absolute_url()}">{job.get_state_display()}</a>' in page
    other = make_user(coordinator=True)
    add_member(dataset=dataset, user=other, acting_user=owner)
    client.force_login(other)
    page = client.get(address).content.decode()
    assert "Made ready for viewing" in page
    assert job.get_absolute_url() not in page
