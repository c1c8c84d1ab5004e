"""The plan of a study is worked out while it is typed, and a person invited arrives in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sts_qa.accounts.models import User
from sts_qa.studies.actions import add_member, create_account, create_invitation
from sts_qa.studies.models import Study
from tests.factories import make_dataset, make_item, make_protocol_version, make_study, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def coordinator(live_address: str) -> User:
    """A coordinator of a dataset of ten items, four of them labelled, and of a small protocol."""
    coordinator = make_user("lin", coordinator=True)
    dataset = make_dataset(owner=coordinator)
    for number in range(10):
        make_item(dataset, f"A-PXI/{number}.png", labelled=number < 4)
    make_protocol_version("own")
    return coordinator


def test_the_plan_follows_what_is_typed(open_page, coordinator) -> None:
    page = open_page(coordinator)
    page.goto("/studies/new/")
    summary = page.locator("#plan-summary")
    expect(summary).to_contain_text("3 of 10 drawn")
    page.fill("#id_percent", "50")
    page.wait_for_selector("#plan-summary:has-text('5 of 10 drawn')")
    whole = page.get_by_label("A-PXI", exact=True)
    whole.fill("8")
    page.wait_for_selector("#plan-summary:has-text('8 of 10 drawn')")
    expect(page.get_by_label("A-PXI · labelled")).to_be_visible()
    expect(page.get_by_label("Slices per volume")).to_be_hidden()

    page.get_by_label("Simple random within the category").check()
    page.wait_for_selector("#plan-sizes:not(:has-text('Labelled'))")
    # What was typed must survive the change
    expect(whole).to_have_value("8")
    whole.fill("11")
    page.wait_for_selector("#plan-preview:has-text('Only 10 can be drawn')")
    whole.fill("8")
    page.wait_for_selector("#plan-summary:has-text('8 of 10 drawn')")

    page.fill("#id_name", "Teeth")
    page.get_by_label("Protocol").select_option(label="A small protocol (version 1)")
    page.get_by_role("button", name="Create the draft").click()
    page.wait_for_url("**/studies/*-*/")
    study = Study.objects.get()
    assert study.sizes == {"A-PXI": {"number": 8}}


def test_an_invited_person_sets_a_password_and_arrives(open_page, coordinator) -> None:
    study = make_study(coordinator=coordinator)
    user = create_account(username="wei", acting_user=coordinator)
    membership = add_member(study=study, user=user, role="observer", acting_user=coordinator)
    secret = create_invitation(membership=membership, acting_user=coordinator)
    page = open_page()
    page.goto(f"/studies/invitations/{secret}/")
    for field in ("#id_new_password1", "#id_new_password2"):
        page.fill(field, "violet harbour 42")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="I have read and accept this").click()
    page.wait_for_url(f"**/studies/{study.public_id}/")
    expect(page.locator("h1")).to_contain_text(study.name)
