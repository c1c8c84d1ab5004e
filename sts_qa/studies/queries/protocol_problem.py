"""Why a study cannot be run with its protocol."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sts_qa.protocols.models import ProtocolVersion
from sts_qa.protocols.rules import order_errors
from sts_qa.studies.models import Study
from sts_qa.studies.queries.languages import language_problem


def protocol_problem(study: Study) -> str:
    """Return why raters could not work with the study's protocol, or nothing."""
    return " ".join(filter(None, [order_problem(study.protocol_version), language_problem(study)]))


def order_problem(version: ProtocolVersion) -> str:
    """Return what is out of order in a version stored before the order was checked."""
    errors = [error.message for error in order_errors(version.content)]
    if not errors:
        return ""
    remedy = _("Make a new version of the protocol in this order and plan the study with it.")
    return " ".join([*errors, remedy])
