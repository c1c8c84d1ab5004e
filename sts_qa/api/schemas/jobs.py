"""Jobs as the API tells them; `JobSchema` stands in `schemas/common.py`."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema
from sts_qa.jobs.kinds import JOB_KINDS
from sts_qa.jobs.models import Job


class JobFilterSchema(Schema):
    """Which jobs are listed."""

    state = serializers.ChoiceField(choices=Job.State.values, required=False)
    kind = serializers.ChoiceField(choices=list(JOB_KINDS), required=False)
