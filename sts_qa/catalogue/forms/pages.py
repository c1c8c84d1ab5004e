"""Forms of the catalogue's pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.accounts.models import User
from sts_qa.accounts.queries import may_coordinate
from sts_qa.catalogue.layouts import AUTO, LAYOUTS
from sts_qa.catalogue.models import MASK_NAME_LENGTH, NAME_LENGTH, Dataset, ImportEntry
from sts_qa.catalogue.queries.folders import SUGGESTED_FOLDERS, open_folders
from sts_qa.catalogue.queries.items import ItemFilter, Standing

LAYOUT_LABELS = {
    AUTO: gettext_lazy("Find out from the folders"),
    "sts-tooth": gettext_lazy("STS-Tooth: Labeled and Unlabeled folders with Image and Mask"),
    "folders": gettext_lazy("Folders: one per category, masks in a folder beside the images"),
    "manifest": gettext_lazy("Manifest: a CSV that names category, image and mask of each item"),
}
# Digits of the largest id that every database takes
LONGEST_ID = 18


class CreateDatasetForm(forms.Form):
    """The name of a new dataset; whether it is free is for the action to say."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("As it is to stand in reports, such as STS-Tooth."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class LayoutForm(forms.Form):
    """What all ways of importing ask."""

    layout = forms.ChoiceField(
        label=gettext_lazy("Layout"),
        choices=[(name, LAYOUT_LABELS.get(name, name)) for name in [AUTO, *LAYOUTS]],
        initial=AUTO,
    )


class PlaceForm(forms.Form):
    """A folder below one of the import roots."""

    root = forms.ChoiceField(label=gettext_lazy("Import folder"))
    path = forms.CharField(
        label=gettext_lazy("Folder or manifest in it"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Such as dental/STS-Tooth. Empty: the import folder itself."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "list": "import-folders"}
        ),
    )

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        roots = [(str(number), str(root)) for number, root in enumerate(settings.IMPORT_ROOTS)]
        self.fields["root"].choices = roots  # type: ignore[attr-defined]

    def place(self) -> str:
        """Return the folder's path; that it lies below a root is for the action to check."""
        root = settings.IMPORT_ROOTS[int(self.cleaned_data["root"])]
        return str(root / self.cleaned_data["path"])

    def clean_path(self) -> str:
        path = self.cleaned_data["path"].strip()
        if Path(path).is_absolute():
            raise forms.ValidationError(_("Give the path without the import folder itself."))
        return path

    @staticmethod
    def suggestions() -> list[str]:
        """Return folders directly below the import roots."""
        names = {name for found in open_folders().values() for name in found}
        return sorted(names)[:SUGGESTED_FOLDERS]


class FolderForm(PlaceForm, LayoutForm):
    """The folder of a dataset, and how to read it."""

    field_order = ["root", "path", "layout"]


class MasksForm(PlaceForm):
    """A folder of masks, and who or what drew them."""

    name = forms.CharField(
        label=gettext_lazy("Name of the masks"),
        help_text=gettext_lazy("Who or what drew them, such as Annotator 2 or Model 3."),
        max_length=MASK_NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only say what would be imported"), required=False
    )

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["path"].label = _("Folder of masks in it")
        self.fields["path"].help_text = _("Such as masks/annotator-2.")


class ArchiveForm(LayoutForm):
    """A ZIP file sent by the browser."""

    archive = forms.FileField(
        label=gettext_lazy("ZIP file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
    )
    field_order = ["archive", "layout"]

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        # Beside the form for a folder, whose fields would have the same ids
        keywords.setdefault("auto_id", "id_archive_%s")
        super().__init__(*arguments, **keywords)
        self.fields["archive"].help_text = _(
            "Up to %(limit)s. Its files are kept on this server."
        ) % {"limit": filesizeformat(settings.UPLOAD_LIMIT_BYTES)}


class AddMemberForm(forms.Form):
    """The account that is to see the dataset."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, dataset: Dataset, data: Any = None) -> None:
        super().__init__(data)
        self.dataset = dataset
        self.user: User | None = None

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        self.user = User.objects.filter(username=username, is_active=True).first()
        if self.user is None:
            raise forms.ValidationError(
                _("There is no account of this name. Capital and small letters count.")
            )
        if not may_coordinate(self.user):
            raise forms.ValidationError(
                _(
                    "This account may not coordinate, so it could not see the dataset. Ask a "
                    "superuser to give it that permission. Raters need no membership here."
                )
            )
        if self.dataset.members.filter(user=self.user, removed_at__isnull=True).exists():
            raise forms.ValidationError(_("This person is a member already."))
        return username


class FilterForm(forms.Form):
    """Fields of a list's address; what cannot be understood filters nothing."""

    def query(self) -> dict[str, str]:
        """Return the filter as it stands in addresses, without what is empty or wrong."""
        self.is_valid()
        return {
            name: self.data[name]
            for name in self.fields
            if self.data.get(name) and name not in self.errors
        }

    def number(self, name: str) -> int | None:
        """Return a row's id out of the address."""
        text = self.data.get(name, "")
        is_number = text.isascii() and text.isdecimal() and len(text) < LONGEST_ID
        return int(text) if is_number else None


class PlanFilterForm(FilterForm):
    """Which entries of a plan are shown."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        required=False,
        choices=[("", gettext_lazy("All")), *ImportEntry.Outcome.choices],
    )
    text = forms.CharField(
        label=gettext_lazy("File or reason"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def wanted(self) -> dict[str, str]:
        query = self.query()
        return {name: query.get(name, "") for name in self.fields}


class ItemFilterForm(FilterForm):
    """Which items a list shows."""

    category = forms.TypedChoiceField(
        label=gettext_lazy("Category"), required=False, coerce=int, empty_value=None
    )
    labelled = forms.TypedChoiceField(
        label=gettext_lazy("Label"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            ("yes", gettext_lazy("Labelled")),
            ("no", gettext_lazy("Unlabelled")),
        ],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    standing = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *Standing.choices],
    )
    text = forms.CharField(
        label=gettext_lazy("Path contains"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, dataset: Dataset, data: Any) -> None:
        super().__init__(data)
        categories = [(str(one.pk), one.name) for one in dataset.categories.all()]
        field = self.fields["category"]
        field.choices = [("", _("All")), *categories]  # type: ignore[attr-defined]

    def wanted(self) -> ItemFilter:
        """Return the filter; the text counts without spaces around it."""
        self.is_valid()
        return ItemFilter(
            **{
                name: value
                for name, value in self.cleaned_data.items()
                if value is not None and value != ""
            }
        )
