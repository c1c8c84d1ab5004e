from sts_qa.studies.forms.people import (
    AddMemberForm,
    AddModelRaterForm,
    ChoosePanelForm,
    FirstPasswordForm,
    ReasonForm,
    ReplaceRaterForm,
)
from sts_qa.studies.forms.plan import CreateStudyForm, PlanForm

__all__ = [
    "AddMemberForm",
    "AddModelRaterForm",
    "ChoosePanelForm",
    "CreateStudyForm",
    "FirstPasswordForm",
    "PlanForm",
    "ReasonForm",
    "ReplaceRaterForm",
]
