"""The colours of `base.css`: legible by WCAG 2.2 AA in every theme."""

import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "static" / "css"
STYLE = (CSS / "base.css").read_text()

THEMES = {
    "light": ":root {",
    "dark by the system": ':root:not([data-theme="light"]) {',
    "dark by choice": ':root[data-theme="dark"] {',
    "reading": ".on-black {",
}
STATES = ("info", "success", "warning", "error")
TEXT_PAIRS = [
    *product(("text", "muted", "accent", "accent-strong"), ("page", "surface", "sunken")),
    *product(STATES, ("page", "surface")),
    *((state, f"{state}-soft") for state in STATES),
    *product(("text", "muted", "accent"), (f"{state}-soft" for state in STATES)),
    ("text", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-danger", "danger-strong"),
]
EDGE_PAIRS = list(product(("control-border", "accent", "error", "danger"), ("page", "surface")))


def colours_of(theme: str) -> dict[str, str]:
    block = STYLE.split(THEMES[theme], 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_has_the_published_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), TEXT_PAIRS)
def test_text_is_legible(theme: str, front: str, ground: str) -> None:
    colours = colours_of(theme)
    assert contrast(colours[front], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), EDGE_PAIRS)
def test_edges_of_controls_and_focus_are_visible(theme: str, front: str, ground: str) -> None:
    colours = colours_of(theme)
    assert contrast(colours[front], colours[ground]) >= 3


def test_both_ways_to_the_dark_theme_have_the_same_colours() -> None:
    assert colours_of("dark by the system") == colours_of("dark by choice")


@pytest.mark.parametrize("theme", ["dark by choice", "reading"])
def test_each_theme_sets_every_colour(theme: str) -> None:
    assert set(colours_of("light")) - {"image-ground"} == set(colours_of(theme))


@pytest.mark.parametrize("name", ["base.css", "components.css", "print.css"])
def test_styles_load_nothing_from_elsewhere(name: str) -> None:
    assert not re.search(r"url\(|@import|https?:", (CSS / name).read_text())


@pytest.mark.parametrize("name", ["components.css", "print.css"])
def test_every_variable_used_is_defined(name: str) -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", (CSS / name).read_text() + STYLE))
    assert used <= set(re.findall(r"--([\w-]+):", STYLE))


@pytest.mark.parametrize("name", ["base.css", "components.css", "print.css"])
def test_every_block_is_closed(name: str) -> None:
    text = (CSS / name).read_text()
    assert text.count("{") == text.count("}") > 0
