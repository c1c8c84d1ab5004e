"""The type of a request behind `login_required`, for views that hand its user to actions."""

from django.http import HttpRequest

from sts_qa.accounts.models import User


class LoggedInRequest(HttpRequest):
    """A request whose user is known."""

    user: User
