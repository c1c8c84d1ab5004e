"""What the first page after a start would otherwise wait for, done before the server answers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation


def warm_up() -> None:
    """Import every view, and read all templates, texts and names of static files."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("home")
            # Reads the catalog; an empty text is answered without it
            translation.gettext("Studies")
    folder = settings.BASE_FOLDER / "templates"
    for file in sorted(folder.rglob("*.html")):
        get_template(file.relative_to(folder).as_posix())
    # Made when it is first asked for anything, with the table of hashed names
    staticfiles_storage.exists("")
