from sts_qa.studies.models.people import Invitation, Membership, Panel
from sts_qa.studies.models.sample import Assignment, FrameEntry, KeptFile, SampledItem, Stratum
from sts_qa.studies.models.study import NAME_LENGTH, Study

__all__ = [
    "NAME_LENGTH",
    "Assignment",
    "FrameEntry",
    "Invitation",
    "KeptFile",
    "Membership",
    "Panel",
    "SampledItem",
    "Stratum",
    "Study",
]
