"""The sampling plan and design of a study, checked against the dataset while it is filled in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries import visible_datasets
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.protocols.queries import latest_versions, title_of
from sts_qa.studies.actions.create import LARGEST_SEED, random_seed
from sts_qa.studies.forms.sizes import STRATA, SizeField, plain, size_cells, size_text
from sts_qa.studies.models import NAME_LENGTH, Study
from sts_qa.studies.queries.access import openly_rated_dataset_ids
from sts_qa.studies.queries.frame import FrameStratum, build_frame
from sts_qa.studies.queries.people import count_of_raters
from sts_qa.studies.queries.plan import PlanError, PlannedStratum, Workload, plan_strata, workload

USUAL_RATERS = 5


def whole_number(label: Any, minimum: int, maximum: int, **options: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, min_value=minimum, max_value=maximum, widget=widget, **options
    )


def percentage(label: Any, decimals: int, **options: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, max_value=100, max_digits=9, decimal_places=decimals, widget=widget, **options
    )


class PlanForm(forms.Form):
    """All of a draft's plan. `planned` is what it would draw, None while that cannot be told."""

    use_required_attribute = False

    percent = percentage(
        gettext_lazy("Share drawn of each category, in percent"), 6, min_value=0, initial=30
    )
    stratification = forms.ChoiceField(
        label=gettext_lazy("Stratification"),
        choices=Study.Stratification.choices,
        widget=forms.RadioSelect,
        initial=Study.Stratification.LABELLED,
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("What is rated"),
        choices=Study.Unit.choices,
        widget=forms.RadioSelect,
        initial=Study.Unit.ITEM,
        help_text=gettext_lazy("Slices are drawn in each drawn volume; radiographs stay whole."),
    )
    slices_per_volume = whole_number(gettext_lazy("Slices per volume"), 1, 500, initial=3)
    slices_within_mask = forms.BooleanField(
        label=gettext_lazy("Only slices within the mask's extent"), required=False
    )
    seed = whole_number(
        gettext_lazy("Seed"),
        0,
        LARGEST_SEED,
        help_text=gettext_lazy("The same seed and frame give the same sample on any machine."),
    )
    raters_per_item = whole_number(
        gettext_lazy("Raters per item"),
        1,
        100,
        required=False,
        help_text=gettext_lazy("Empty: every rater rates every item."),
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Order"),
        choices=Study.Order.choices,
        widget=forms.RadioSelect,
        initial=Study.Order.RADIOGRAPHS_FIRST,
        help_text=gettext_lazy("Random within, different for each rater."),
    )
    practice_items = whole_number(
        gettext_lazy("Practice items"),
        0,
        100,
        initial=5,
        help_text=gettext_lazy("Come first, from the reserve; never in a table."),
    )
    repeat_percent = percentage(
        gettext_lazy("Hidden repeats, in percent"),
        2,
        min_value=0,
        initial=0,
        help_text=gettext_lazy("Share of the sample that each rater sees twice."),
    )
    repeat_distance = whole_number(
        gettext_lazy("Least distance of a repeat"),
        1,
        100_000,
        initial=50,
        help_text=gettext_lazy("Images between the two showings."),
    )
    gate_skips_rest = forms.BooleanField(
        label=gettext_lazy("The gate skips the rest"),
        required=False,
        help_text=gettext_lazy(
            "Below the protocol's threshold the other criteria are not asked. Only for protocols "
            "with a gate."
        ),
    )
    coordinators_may_rate = forms.BooleanField(
        label=gettext_lazy("Coordinators may rate"),
        required=False,
        help_text=gettext_lazy("Tables then print how many raters were not blinded."),
    )
    allows_program_ratings = forms.BooleanField(
        label=gettext_lazy("Raters may submit by a program"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise people rate on the page only. Raters that are programs always may. Tables "
            "count ratings by channel."
        ),
    )
    view_policy = forms.ChoiceField(
        label=gettext_lazy("View"),
        choices=Study.ViewPolicy.choices,
        widget=forms.RadioSelect,
        initial=Study.ViewPolicy.FREE,
        help_text=gettext_lazy(
            "Every image opens in the same standard view for all raters. Tables print the choice."
        ),
    )
    carries_window = forms.BooleanField(
        label=gettext_lazy("A rater's window stays for the next images of the same kind"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise each image opens in the standard view again, whatever came before it."
        ),
    )
    live_results = forms.BooleanField(
        label=gettext_lazy("Show results while the study runs"),
        required=False,
        help_text=gettext_lazy("Otherwise they are sealed until it is closed. Tables print it."),
    )
    seconds_per_radiograph = whole_number(gettext_lazy("per radiograph"), 1, 36_000, initial=30)
    seconds_per_slice = whole_number(gettext_lazy("per slice"), 1, 36_000, initial=30)
    seconds_per_volume = whole_number(gettext_lazy("per volume"), 1, 36_000, initial=180)
    planned_raters = whole_number(
        gettext_lazy("Raters planned"), 1, 1000, required=False, initial=USUAL_RATERS
    )

    def __init__(
        self,
        *args: Any,
        dataset: Dataset | None,
        protocol_version: ProtocolVersion | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.chosen_dataset = dataset
        self.chosen_protocol = protocol_version
        self.frame: list[FrameStratum] = []
        self.planned: list[PlannedStratum] | None = None
        self.fields["seed"].initial = random_seed
        self.cells = size_cells(dataset) if dataset else []
        for cell in self.cells:
            label = " · ".join(filter(None, [cell.category.name, _stratum_labels()[cell.stratum]]))
            self.fields[cell.field] = SizeField(label=label, required=False)

    @classmethod
    def initial_of(cls, study: Study) -> dict[str, Any]:
        """Return the initial values that show the study's plan."""
        initial = {name: getattr(study, name) for name in cls.base_fields if hasattr(study, name)}
        initial["percent"] = plain(Decimal(study.fraction) * 100)
        initial["repeat_percent"] = plain(Decimal(study.repeat_share) * 100)
        initial["planned_raters"] = count_of_raters(study) or USUAL_RATERS
        for cell in size_cells(study.dataset):
            if cell.name in study.sizes:
                initial[cell.field] = size_text(study.sizes[cell.name])
        return initial

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("percent") == 0:
            self.add_error("percent", _("Draw more than nothing: write a number above 0."))
        gated = self.chosen_protocol and self.chosen_protocol.content.get("gate")
        if cleaned.get("gate_skips_rest") and self.chosen_protocol and not gated:
            self.add_error("gate_skips_rest", _("This protocol has no gate."))
        if cleaned.get("carries_window") and cleaned.get("view_policy") == Study.ViewPolicy.LOCKED:
            self.add_error(
                "carries_window",
                _("Where only the standard view is shown there is no window to keep."),
            )
        if self.chosen_dataset and "stratification" in cleaned:
            self._plan(cleaned)
        return cleaned

    def _plan(self, cleaned: dict[str, Any]) -> None:
        assert self.chosen_dataset is not None, "the caller looked"
        self.frame = build_frame(self.chosen_dataset, cleaned["stratification"])
        self._check_sizes(cleaned)
        if not cleaned.get("percent") or any(cell.field in self.errors for cell in self.cells):
            return
        try:
            self.planned = plan_strata(self.frame, cleaned["percent"] / 100, self.sizes())
        except PlanError as error:
            self.add_error(None, str(error))

    def _check_sizes(self, cleaned: dict[str, Any]) -> None:
        """Refuse at its own field a number that the frame does not hold."""
        for cell in self.cells:
            size = cleaned.get(cell.field)
            if not size or "number" not in size or self._is_ignored(cell.stratum):
                continue
            available = sum(
                stratum.counts["frame"]
                for stratum in self.frame
                if stratum.category == cell.category and cell.stratum in ("", stratum.name)
            )
            if size["number"] > available:
                self.add_error(cell.field, _("Only %(n)d can be drawn.") % {"n": available})

    def _is_ignored(self, stratum: str) -> bool:
        chosen = self.cleaned_data.get("stratification")
        return bool(stratum) and chosen != Study.Stratification.LABELLED

    def sizes(self) -> dict[str, Any]:
        """Return the exceptions as a plan stores them."""
        return {
            cell.name: self.cleaned_data[cell.field]
            for cell in self.cells
            if self.cleaned_data.get(cell.field) and not self._is_ignored(cell.stratum)
        }

    def plan(self) -> dict[str, Any]:
        """Return the plan of a valid form, as `create_study` and `update_plan` take it."""
        own = {"percent", "repeat_percent", "planned_raters", "name", "dataset", "protocol_version"}
        names = [name for name in self.fields if name not in own and name in self.base_fields]
        return {
            **{name: self.cleaned_data[name] for name in names},
            "fraction": self.cleaned_data["percent"] / 100,
            "repeat_share": self.cleaned_data["repeat_percent"] / 100,
            "sizes": self.sizes(),
        }

    def workload(self) -> Workload | None:
        """Return each rater's hours for what is planned; fields in error count as their default."""
        if self.planned is None:
            return None
        study = Study(repeat_share=(self.cleaned_data.get("repeat_percent") or 0) / 100)
        for name in ("unit", "slices_per_volume", "raters_per_item"):
            if self.cleaned_data.get(name):
                setattr(study, name, self.cleaned_data[name])
        for name in ("seconds_per_radiograph", "seconds_per_slice", "seconds_per_volume"):
            setattr(study, name, self.cleaned_data.get(name) or self.fields[name].initial)
        return workload(study, self.planned, raters=self.raters())

    def raters(self) -> int:
        return self.cleaned_data.get("planned_raters") or USUAL_RATERS

    # What the template shows in groups

    def size_rows(self) -> list[dict[str, Any]]:
        """Return the table of exceptions: a row per category, a field or None per column."""
        fields = {(cell.category.pk, cell.stratum): self[cell.field] for cell in self.cells}
        columns = ["", *STRATA] if self.is_stratified() else [""]
        categories = dict.fromkeys(cell.category for cell in self.cells)
        return [
            {
                "category": category.name,
                "fields": [fields.get((category.pk, column)) for column in columns],
            }
            for category in categories
        ]

    def is_stratified(self) -> bool:
        return str(self["stratification"].value()) == Study.Stratification.LABELLED

    def sizes_shape(self) -> str:
        """Return what the table of exceptions depends on; it is made anew when this changes."""
        return f"{self.chosen_dataset.pk if self.chosen_dataset else ''}/{self.is_stratified():d}"


def _stratum_labels() -> dict[str, str]:
    return {"": "", "labelled": _("labelled"), "unlabelled": _("unlabelled")}


class CreateStudyForm(PlanForm):
    """A new study: what it is of, by which protocol, and its plan."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("Raters see it. Do not name a category or an expected result."),
    )
    dataset = forms.ModelChoiceField(
        label=gettext_lazy("Dataset"), queryset=Dataset.objects.none(), empty_label=None
    )
    protocol_version = forms.TypedChoiceField(label=gettext_lazy("Protocol"), coerce=int)

    def __init__(self, data: Any = None, *, user: Any, dataset_id: str = "") -> None:
        datasets = creatable_datasets(user)
        versions = {version.pk: version for version in latest_versions()}
        wanted = data.get("dataset", "") if data is not None else dataset_id
        dataset = datasets.filter(pk=wanted).first() if str(wanted).isdecimal() else None
        chosen = data.get("protocol_version", "") if data is not None else ""
        super().__init__(
            data,
            dataset=dataset or (datasets.first() if data is None else None),
            protocol_version=versions.get(int(chosen)) if chosen.isdecimal() else None,
            initial={"dataset": dataset or datasets.first()},
        )
        language = get_language() or "en"
        self.fields["dataset"].queryset = datasets  # type: ignore[attr-defined]
        self.versions = versions
        choices = [(version.pk, _version_label(version, language)) for version in versions.values()]
        # None is chosen beforehand: the wrong rubric would be noticed only by the raters
        self.fields["protocol_version"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a protocol")),
            *choices,
        ]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if Study.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a study of this name already."))
        return name


def creatable_datasets(user: Any):
    """Return the datasets of which `user` may make a study; none that the person rates."""
    return visible_datasets(user).exclude(pk__in=openly_rated_dataset_ids(user)).order_by("name")


def _version_label(version: ProtocolVersion, language: str) -> str:
    title = title_of(version, language)
    return _("%(title)s (version %(number)d)") % {"title": title, "number": version.number}
