from sts_qa.catalogue.forms.pages import (
    AddMemberForm,
    ArchiveForm,
    CreateDatasetForm,
    FilterForm,
    FolderForm,
    ItemFilterForm,
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
    "PlanFilterForm",
    "ViewingForms",
]
