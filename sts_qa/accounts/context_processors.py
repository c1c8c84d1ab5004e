"""What the frame of every page needs."""

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from sts_qa.accounts.languages import OWN_NAMES, page_to_return_to
from sts_qa.accounts.queries import account_key, may_coordinate

PAGES_OF_STUDIES = ("/rating/", "/reports/")


def page_frame(request) -> dict:
    user = getattr(request, "user", None)
    return {
        # Names a person's drafts and queued submissions in the browser without telling who it is
        "account_key": account_key(user) if user and user.is_authenticated else "",
        "offered_languages": [{"code": code, "name": name} for code, name in OWN_NAMES.items()],
        "this_page": page_to_return_to(request),
        "is_demonstration": settings.DEMONSTRATION,
        "software_version": settings.SOFTWARE_VERSION,
        # Only when a page shows it: the rating page does not, and permissions are two queries
        "navigation": SimpleLazyObject(lambda: _navigation(request.path, user)),
    }


def _navigation(path: str, user) -> list[dict]:
    if user is None or not user.is_authenticated:
        return []
    pages = [(_("Studies"), "studies:list_studies")]
    if may_coordinate(user):
        pages += [
            (_("Datasets"), "catalogue:list_datasets"),
            (_("Protocols"), "protocols:list_protocols"),
        ]
    return [
        {"label": label, "url": reverse(name), "current": path.startswith(_places_of(name))}
        for label, name in pages
    ]


def _places_of(name: str) -> tuple[str, ...]:
    """Return the beginnings of the addresses that belong to an entry of the main menu."""
    # Progress, problems and reports are pages of a study, under addresses of their own
    return (reverse(name), *(PAGES_OF_STUDIES if name == "studies:list_studies" else ()))
