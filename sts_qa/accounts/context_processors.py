"""What the frame of every page needs."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from sts_qa.accounts.queries import account_key, may_coordinate


def page_frame(request) -> dict:
    user = getattr(request, "user", None)
    return {
        # Names a person's drafts and queued submissions in the browser without telling who it is
        "account_key": account_key(user) if user and user.is_authenticated else "",
        "is_demonstration": settings.DEMONSTRATION,
        "software_version": settings.SOFTWARE_VERSION,
        "navigation": _navigation(request.path, user) if user and user.is_authenticated else [],
    }


def _navigation(path: str, user) -> list[dict]:
    pages = [(_("Studies"), "studies:list_studies")]
    if may_coordinate(user):
        pages += [
            (_("Datasets"), "catalogue:list_datasets"),
            (_("Protocols"), "protocols:list_protocols"),
        ]
    links = [(label, _address(name)) for label, name in pages]
    return [
        {"label": label, "url": url, "current": path.startswith(url)} for label, url in links if url
    ]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:  # TODO: goes when these three pages are there
        return ""
