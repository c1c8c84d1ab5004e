"""A server under a mapped host name, and people who look at it in headless Chromium.

The host name is no localhost: browsers withhold `crypto.subtle`, service workers and the like
over plain HTTP there, as they do on a hospital network.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.test import override_settings
from django.test.testcases import LiveServerThread
from django.utils.crypto import get_random_string
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from sts_qa.accounts.models import User
from sts_qa.rating.models import ReadingConditions
from sts_qa.rating.queries.conditions import LOG_IN_KEY
from sts_qa.rating.queries.conditions import SESSION_KEY as READING_CONDITIONS
from tools.prepare_tests import chromium_path

HOST = "sts-qa.test"
# A busy machine is no failure
LONGEST_WAIT_MS = 30_000
# Said of a request that the next page, or a newer request, cut off; failures say more than this
CUT_OFF = ("htmx:afterRequest, ", "htmx:sendAbort, ")
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: install the package chromium, or set CHROMIUM to its path")
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    arguments = [f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    expect.set_options(timeout=LONGEST_WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=arguments, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def collected_files() -> None:
    with override_settings(STORAGES=settings.HASHED_STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def served_files(collected_files: None) -> Iterator[None]:
    """Serve static files as in production: collected, under names with their hash."""
    with override_settings(STORAGES=settings.HASHED_STORAGES):
        yield


@pytest.fixture
def live_address(transactional_db: None, served_files: None) -> Iterator[str]:
    """The address of a running server with the test's database, under the mapped host name."""
    with override_settings(ALLOWED_HOSTS=[HOST]):
        at_work = AtWork()
        server = LiveServerThread("127.0.0.1", static_handler=at_work.counting)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        yield f"http://{HOST}:{server.port}"
        server.terminate()
        at_work.wait_for_the_last()


class AtWork:
    """Counts requests being answered: what still writes would block the emptying of tables."""

    def __init__(self) -> None:
        self.count = 0
        self.changed = threading.Condition()

    def counting(self, application: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*arguments: Any) -> Any:
            self._add(1)
            try:
                return application(*arguments)
            finally:
                self._add(-1)

        return answer

    def wait_for_the_last(self) -> None:
        with self.changed:
            is_done = self.changed.wait_for(lambda: self.count == 0, LONGEST_WAIT_MS / 1000)
        assert is_done, "the server is still answering"

    def _add(self, number: int) -> None:
        with self.changed:
            self.count += number
            self.changed.notify_all()


@pytest.fixture
def browser_errors() -> list[str]:
    """What pages complained about so far; a test that provokes errors empties it."""
    return []


@pytest.fixture
def open_page(
    chromium: Browser, live_address: str, browser_errors: list[str]
) -> Iterator[OpenPage]:
    """Return a function that opens a browser of its own for one person.

    `open_page(user)` is logged in as `user` and has stated the reading conditions, unless
    `conditions` is False; `open_page()` is nobody. Further arguments go to Playwright's
    `new_context`. The test fails when a page has errors in its console.
    """
    contexts = []

    def open_for(user: User | None = None, *, conditions: bool = True, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_address, **options)
        context.set_default_timeout(LONGEST_WAIT_MS)
        contexts.append(context)
        if user:
            session = session_of(user, conditions=conditions)
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_address}])
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and not message.text.startswith(CUT_OFF)
                and browser_errors.append(_complaint(page, message))
            ),
        )
        page.on("request", lambda request: browser_errors.extend(_unhashed(request.url)))
        page.on("pageerror", lambda error: browser_errors.append(f"{page.url}: {error}"))
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert browser_errors == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One page of a browser in which nobody is logged in."""
    return open_page()


def _complaint(page: Page, message: ConsoleMessage) -> str:
    """Name the page, what is wrong, and the address that it is wrong with."""
    return f"{page.url}: {message.text} ({message.location['url']})"


def _unhashed(address: str) -> list[str]:
    """Complain about a script or style whose name says nothing of its content."""
    path = urlsplit(address).path
    if not path.endswith((".js", ".mjs", ".css")) or re.search(r"\.[0-9a-f]{12}\.\w+$", path):
        return []
    return [f"{path} was asked for without the hash of its content"]


def session_of(user: User, *, conditions: bool = True) -> str:
    """Return the cookie of a person who has just logged in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[LOG_IN_KEY] = get_random_string(16)
    if conditions:
        stated = ReadingConditions.objects.create(
            user=user,
            room="dim",
            monitor="diagnostic",
            sees_dark_patch=True,
            sees_bright_patch=True,
        )
        session[READING_CONDITIONS] = str(stated.public_id)
    session.create()
    return str(session.session_key)
