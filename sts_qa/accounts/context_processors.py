"""What the frame of every page needs."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from sts_qa.accounts.queries import may_coordinate


def page_frame(request) -> dict:
    user = getattr(request, "user", None)
    return {
        "is_demonstration": settings.DEMONSTRATION,
        "software_version": settings.SOFTWARE_VERSION,
        "navigation": _navigation(request.path, user) if user and user.is_authenticated else [],
    }


def _navigation(path: str, user) -> list[dict]:
    links = [(_("Studies"), reverse("studies:list_studies"))]
    if may_coordinate(user):
        links += [
            (_("Datasets"), reverse("catalogue:list_datasets")),
            (_("Protocols"), reverse("protocols:list_protocols")),
        ]
    return [{"label": label, "url": url, "current": path.startswith(url)} for label, url in links]
