import json
import posixpath
import re
from html.parser import HTMLParser

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


def test_the_first_answer_of_the_queue_comes_with_the_page(client):
    name = "Teeth </script><script>alert(1)</script> & <!-- 牙"
    study = running_study(items=3, labelled=1, name=name)
    rater = add_rater(study)
    page = log_in(client, rater).get(_address(study)).content.decode()
    embedded, asked = _first_queue(page), queue_of(client, study)
    assert embedded.pop("server_time") <= asked.pop("server_time")
    assert embedded == asked
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


def _modules_needed(name, read):
    """Every script that a browser loads for a module, itself included, by following imports."""
    needed, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current in needed:
            continue
        needed.add(current)
        places = re.findall(r'(?:from|import)\s*"(\.[^"]+)"', read(current))
        folder = posixpath.dirname(current)
        waiting += [posixpath.normpath(posixpath.join(folder, place)) for place in places]
    return needed


def test_every_script_is_announced_once_under_its_hashed_name(client, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "sts_qa.static_storage.HashedStaticFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    study = running_study(items=1)
    page = log_in(client, add_rater(study)).get(_address(study)).content.decode()
    announced = [link["href"] for link in _elements(page, "link", rel="modulepreload")]
    scripts = [script["src"] for script in _elements(page, "script", type="module")]
    assert len(scripts) >= 3

    def read(address):
        return (settings.STATIC_ROOT / address.removeprefix("/static/")).read_text()

    needed = set().union(*(_modules_needed(script, read) for script in scripts))
    assert len(needed) > 25
    assert sorted(announced) == sorted(needed)
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", address) for address in announced)


def test_access(client):
    study = running_study(items=1)
    answer = client.get(_address(study))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("accounts:log_in"))
    stranger = add_rater(running_study(items=1))
    assert log_in(client, stranger).get(_address(study)).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, study.memberships.get(role="coordinator")):
        assert log_in(client, membership).get(_address(study)).status_code == 403
