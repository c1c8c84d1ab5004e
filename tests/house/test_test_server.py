"""The server that browser tests use takes writes from several people at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from sts_qa.audit.actions import record
from sts_qa.audit.models import Chain
from sts_qa.audit.queries import broken_links, events_of
from tests.browser.fixtures import HOST
from tests.factories import make_user


@csrf_exempt
@transaction.atomic
def add_event(request: HttpRequest) -> HttpResponse:
    user = make_user()
    record(action="test.posted", acting_user=user, subject=user, details=json.loads(request.body))
    return HttpResponse()


urlpatterns = [path("add-event/", add_event)]


@pytest.mark.urls(__name__)
def test_posts_of_five_people_at_once_all_arrive(live_address: str) -> None:
    address = f"http://127.0.0.1:{urlsplit(live_address).port}/add-event/"

    def post(number: int) -> int:
        body = json.dumps({"number": number}).encode()
        with urlopen(Request(address, body, {"Host": HOST}), timeout=30) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(5) as people:
        assert set(people.map(post, range(50))) == {200}
    posted = [event for event in events_of("installation") if event.action == "test.posted"]
    numbers = [event.details["number"] for event in posted]
    assert sorted(numbers) == list(range(50))
    assert list(broken_links(Chain.objects.get(name="installation"))) == []
