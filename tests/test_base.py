"""The frame of every page and the shared parts of pages."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import override_settings
from django.urls import include, path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
PLAIN_STATIC = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def no_page(request):
    raise AssertionError("these tests only need the addresses")


ACCOUNT_PAGES = ("log_in", "log_out", "set_theme", "set_language", "change_password")
account_addresses = [path(name, no_page, name=name) for name in ACCOUNT_PAGES]
urlpatterns = [
    path("", no_page, name="home"),
    path("account/", include((account_addresses, "accounts"))),
    path("tokens/", include(([path("", no_page, name="list_tokens")], "api"))),
]


@pytest.fixture(autouse=True)
def own_addresses():
    with override_settings(ROOT_URLCONF=__name__, STORAGES=PLAIN_STATIC):
        yield


class StudyForm(forms.Form):
    name = forms.CharField(label="Name", help_text="Shown to raters.")
    seed = forms.IntegerField(label="Seed")
    note = forms.CharField(label="Note", required=False)
    unit = forms.ChoiceField(
        label="Unit", choices=[("item", "Items"), ("slice", "Slices")], widget=forms.RadioSelect
    )
    mixed = forms.BooleanField(label="Mixed order", required=False)


def render_form(data: dict) -> str:
    return render_to_string("_form.html", {"form": StudyForm(data)})


def person(**attributes) -> SimpleNamespace:
    return SimpleNamespace(is_authenticated=True, get_username="lin", **attributes)


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_it_follows_the_theme_of_the_user(choice: str) -> None:
    page = render_to_string("base.html", {"user": person(theme=choice)})
    assert f'data-theme="{choice}"' in page
    assert re.search(rf'value="{choice}" aria-pressed="true"', page)
    assert page.count('aria-pressed="true"') == 1


def test_it_follows_the_system_where_nobody_chose() -> None:
    assert 'data-theme="auto"' in render_to_string("base.html")


def test_a_damaged_theme_cookie_cannot_break_out_of_the_attribute() -> None:
    request = SimpleNamespace(COOKIES={"theme": '"><script>'})
    assert "<script>" not in render_to_string("base.html", {"request": request})


def test_it_marks_the_current_place_only() -> None:
    navigation = [
        {"label": "Studies", "url": "/studies/", "current": True},
        {"label": "Datasets", "url": "/datasets/", "current": False},
    ]
    page = render_to_string("base.html", {"navigation": navigation})
    assert re.findall(r'href="([^"]+)"\s+aria-current="page"', page) == ["/studies/"]


@pytest.mark.parametrize("is_demonstration", [True, False])
def test_demonstration_data_is_named_on_every_page(is_demonstration: bool) -> None:
    page = render_to_string("base.html", {"is_demonstration": is_demonstration})
    assert ("notice-demonstration" in page) is is_demonstration


def test_log_out_is_a_form_and_only_for_those_logged_in() -> None:
    assert re.search(
        r'<form method="post" action="/account/log_out"',
        render_to_string("base.html", {"user": person()}),
    )
    stranger = SimpleNamespace(is_authenticated=False)
    page = render_to_string("base.html", {"user": stranger})
    assert "log_out" not in page
    assert "/account/log_in" in page


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_no_context(name: str) -> None:
    page = render_to_string(f"{name}.html")
    assert page.count("<h1>") == 1
    assert re.search(r"<title>\w.* · STS-QA</title>", page)


def test_an_error_stands_at_its_field_and_is_linked_from_the_top() -> None:
    page = render_form({"name": "A", "seed": "12.5", "unit": "item"})
    assert page.count("field-invalid") == 1
    assert '<a href="#id_seed">Seed</a>: Enter a whole number.' in page
    assert re.search(r'id="id_seed_error"[^>]*>\s*<li>Enter a whole number.', page)
    assert "id_seed_error" in re.search(r'<input[^>]*name="seed"[^>]*>', page)[0]


def test_every_input_has_a_label_or_stands_in_a_named_group() -> None:
    page = render_form({"name": "A", "seed": "1", "unit": "item"})
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    inputs = set(re.findall(r'<input[^>]* id="([^"]+)"', page))
    assert inputs == labelled
    assert re.search(r"<fieldset[^>]*>\s*<legend>Unit", page)
    assert "notice-error" not in page


def test_the_help_of_a_field_is_tied_to_its_input() -> None:
    page = render_form({})
    assert 'id="id_name_helptext"' in page
    assert "id_name_helptext" in re.search(r'<input[^>]*name="name"[^>]*>', page)[0]


@override_settings(USE_THOUSAND_SEPARATOR=True)
def test_progress_gives_plain_numbers_to_the_browser_and_grouped_ones_to_people() -> None:
    page = render_to_string("_progress.html", {"label": "Rated", "value": 1234, "maximum": 4500})
    assert '<progress value="1234" max="4500">' in page
    assert "1,234 of 4,500" in page


def test_a_notice_says_its_level_in_words() -> None:
    page = render_to_string("_notice.html", {"level": "error", "text": "<b>"})
    assert ">Error</strong>&lt;b&gt;" in page
    assert 'role="alert"' in page


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: str(file.relative_to(TEMPLATES))
)
def test_no_template_has_inline_script_or_style(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", text)
    assert all("src=" in tag or "json" in tag for tag in re.findall(r"<script[^>]*>", text))
