"""Everything that changes a study; each act is one transaction with its event in the log."""

from sts_qa.studies.actions.create import create_study, update_plan
from sts_qa.studies.actions.export import export_manifest
from sts_qa.studies.actions.life_cycle import close_study, pause_study, resume_study, unseal_results
from sts_qa.studies.actions.panel import choose_panel
from sts_qa.studies.actions.people import (
    add_member,
    create_account,
    create_invitation,
    first_invitation,
    replace_rater,
    set_also_rates,
    use_invitation,
    withdraw_member,
)
from sts_qa.studies.actions.programs import create_model_rater
from sts_qa.studies.actions.sample import draw_sample
from sts_qa.studies.actions.sample_changes import (
    add_from_reserve,
    hide_sampled_item,
    show_sampled_item,
    withdraw_sampled_item,
)
from sts_qa.studies.actions.start import start_study

__all__ = [
    "add_from_reserve",
    "add_member",
    "choose_panel",
    "close_study",
    "create_account",
    "create_invitation",
    "create_model_rater",
    "create_study",
    "draw_sample",
    "export_manifest",
    "first_invitation",
    "hide_sampled_item",
    "pause_study",
    "replace_rater",
    "resume_study",
    "set_also_rates",
    "show_sampled_item",
    "start_study",
    "unseal_results",
    "update_plan",
    "use_invitation",
    "withdraw_member",
    "withdraw_sampled_item",
]
