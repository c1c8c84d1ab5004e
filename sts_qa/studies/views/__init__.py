"""Pages of studies: for coordinators and observers; raters only get their list and invitation."""

from sts_qa.studies.views.invitations import use_invitation
from sts_qa.studies.views.life_cycle import (
    close_study,
    draw_sample,
    pause_study,
    resume_study,
    start_study,
    unseal_results,
)
from sts_qa.studies.views.manifest import download_manifest, show_manifest, verify_sample
from sts_qa.studies.views.members import (
    add_model_rater,
    invite_member,
    manage_members,
    replace_rater,
    set_also_rates,
    withdraw_member,
)
from sts_qa.studies.views.overview import list_studies, show_study
from sts_qa.studies.views.panel import choose_panel
from sts_qa.studies.views.plan import create_study, edit_plan, preview_plan

__all__ = [
    "add_model_rater",
    "choose_panel",
    "close_study",
    "create_study",
    "download_manifest",
    "draw_sample",
    "edit_plan",
    "invite_member",
    "list_studies",
    "manage_members",
    "pause_study",
    "preview_plan",
    "replace_rater",
    "resume_study",
    "set_also_rates",
    "show_manifest",
    "show_study",
    "start_study",
    "unseal_results",
    "use_invitation",
    "verify_sample",
    "withdraw_member",
]
