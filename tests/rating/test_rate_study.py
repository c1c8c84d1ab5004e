import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from sts_qa.accounts.queries import account_key
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import add_rater, log_in, queue_of, running_study, submit

pytestmark = pytest.mark.django_db


def _address(study):
    return reverse("rating:rate_study", args=[study.public_id])


@pytest.mark.parametrize("state", Study.State.values)
def test_the_page_opens_in_every_state_of_the_study(client, state):
    study = running_study(items=1)
    rater = add_rater(study)
    Study.objects.filter(pk=study.pk).update(state=state)
    answer = log_in(client, rater).get(_address(study))
    assert answer.status_code == 200
    assert "csrftoken" in answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_opens_for_a_withdrawn_rater_who_may_still_have_something_to_send(client):
    study = running_study(items=1)
    rater = add_rater(study, withdrawn_at=timezone.now())
    assert log_in(client, rater).get(_address(study)).status_code == 200


def test_page_queue_and_log_out_know_the_account_by_one_key(client):
    study = running_study(items=1)
    rater = add_rater(study)
    page = log_in(client, rater).get(_address(study)).content.decode()
    key = account_key(rater.user)
    assert f'data-account="{key}"' in page
    assert queue_of(client, study)["account"] == key


def _first_queue(page):
    """The JSON in the page, as the browser reads it."""
    return json.loads(_elements(page, "script", id="first-queue")[0]["text"])


def _elements(page, wanted, **attributes):
    found = []

    class Reader(HTMLParser):
        is_wanted = False

        def handle_starttag(self, tag, given):
            given = dict(given)
            self.is_wanted = tag == wanted and attributes.items() <= given.items()
            if self.is_wanted:
                found.append({**given, "text": ""})

        def handle_data(self, data):
            if self.is_wanted:
                found[-1]["text"] += data

        def handle_endtag(self, tag):
            self.is_wanted = False

    Reader(convert_charrefs=False).feed(page)
    return found


@pytest.mark.parametrize("minutes", [0, 45])
def test_a_break_is_suggested_when_the_installation_says_or_never(client, settings, minutes):
    settings.BREAK_MINUTES = minutes
    study = running_study(items=1)
    page = log_in(client, add_rater(study)).get(_address(study)).content.decode()
    (root,) = _elements(page, "div", id="rating")
    assert root["data-break-minutes"] == str(minutes)


def test_the_first_answer_of_the_queue_comes_with_the_page(client):
    name = "Teeth </script><script>alert(1)</script> & <!-- 牙"
    study = running_study(items=3, labelled=1, name=name)
    rater = add_rater(study)
    page = log_in(client, rater).get(_address(study)).content.decode()
    embedded = _first_queue(page)
    assert embedded == queue_of(client, study)
    assert embedded["study"]["name"] == name


@pytest.mark.parametrize("state", ["draft", "paused", "closed"])
def test_without_assignments_nothing_is_fetched_ahead(client, state):
    study = running_study(items=1)
    rater = add_rater(study)
    Study.objects.filter(pk=study.pk).update(state=state)
    page = log_in(client, rater).get(_address(study)).content.decode()
    queue = _first_queue(page)
    assert (queue["study"]["state"], queue["assignments"]) == (state, [])
    assert _elements(page, "link", rel="preload") == []


def test_the_first_images_pixels_are_announced_as_the_page_fetches_them(client, files_study):
    files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    files_study.volume("v.nii.gz", np.zeros((6, 5, 4), np.int16))
    rater = files_study.start()
    log_in(client, rater)
    for kind, plane in (("radiograph", "image"), ("volume", "axial")):
        page = client.get(_address(files_study.study)).content.decode()
        first = _first_queue(page)["assignments"][0]
        assert first["image"]["kind"] == kind
        shown = first["image"]["planes"][plane]
        (link,) = _elements(page, "link", rel="preload")
        assert link["href"] == shown["url"].replace("{slice}", str(shown["first_slice"]))
        # Another mode than that of `fetch` would make browsers fetch twice
        assert (link["as"], link["crossorigin"]) == ("fetch", "anonymous")
        assert client.get(link["href"]).status_code == 200
        submit(client, rater.assignments.get(token=first["token"]))


def _files(page):
    styles = [link["href"] for link in _elements(page, "link", rel="stylesheet")]
    return styles, [script["src"] for script in _elements(page, "script", type="module")]


def test_collected_styles_and_scripts_travel_as_one_file_each(client, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "sts_qa.static_storage.HashedStaticFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    study = running_study(items=1)
    page = log_in(client, add_rater(study)).get(_address(study)).content.decode()
    # Asked for before anything else on the page is read
    head, body = page.split("<body")
    assert _files(body) == ([], [])
    (style,), (script,) = _files(head)
    assert re.fullmatch(r"/static/css/rate_study\.joined\.[0-9a-f]{12}\.css", style)
    assert re.fullmatch(r"/static/js/rate_study\.joined\.[0-9a-f]{12}\.js", script)
    for address, held in ((style, "#criteria"), (script, "customElements.define(")):
        place = settings.STATIC_ROOT / address.removeprefix("/static/")
        assert held in place.read_text()
        assert gzip.decompress(Path(f"{place}.gz").read_bytes()) == place.read_bytes()
    # Nothing else is loaded but the icon and the first image
    others = {link["rel"] for link in _elements(head, "link")} - {"stylesheet"}
    assert others <= {"icon", "preload"}
    assert len(_elements(page, "script", src=script)) == len(re.findall(r"<script[^>]*src=", page))


def test_without_collected_files_the_page_loads_the_modules_themselves(client):
    study = running_study(items=1)
    page = log_in(client, add_rater(study)).get(_address(study)).content.decode()
    styles, scripts = _files(page)
    assert scripts == ["/static/js/base.js", "/static/js/log_out.js", "/static/js/rate_study.js"]
    assert styles[:2] == ["/static/css/base.css", "/static/css/components.css"]
    assert "/static/css/viewer.css" in styles
    printed = _elements(page, "link", media="print")
    assert [link["href"] for link in printed] == ["/static/css/print.css"]


def test_access(client):
    study = running_study(items=1)
    answer = client.get(_address(study))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("accounts:log_in"))
    stranger = add_rater(running_study(items=1))
    assert log_in(client, stranger).get(_address(study)).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, study.memberships.get(role="coordinator")):
        assert log_in(client, membership).get(_address(study)).status_code == 403
