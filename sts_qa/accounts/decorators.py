"""Access checks that need no object."""

from __future__ import annotations

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

from sts_qa.accounts.queries import may_coordinate


def coordinator_required(view):
    """Let only people with the site permission `can_coordinate` in."""

    @wraps(view)
    @login_required
    def checked(request, *args, **kwargs):
        if not may_coordinate(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked
