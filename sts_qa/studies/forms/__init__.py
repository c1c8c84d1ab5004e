from sts_qa.studies.forms.people import (
    AddMemberForm,
    ChoosePanelForm,
    FirstPasswordForm,
    ReasonForm,
    ReplaceRaterForm,
)
from sts_qa.studies.forms.plan import CreateStudyForm, PlanForm

__all__ = [
    "AddMemberForm",
    "ChoosePanelForm",
    "CreateStudyForm",
    "FirstPasswordForm",
    "PlanForm",
    "ReasonForm",
    "ReplaceRaterForm",
]
