from sts_qa.catalogue.forms.pages import (
    AddMemberForm,
    ArchiveForm,
    CreateDatasetForm,
    FilterForm,
    FolderForm,
    ItemFilterForm,
    MasksForm,
    PlanFilterForm,
)
from sts_qa.catalogue.forms.viewing import ViewingForms

__all__ = [
    "AddMemberForm",
    "ArchiveForm",
    "CreateDatasetForm",
    "FilterForm",
    "FolderForm",
    "ItemFilterForm",
    "MasksForm",
    "PlanFilterForm",
    "ViewingForms",
]
