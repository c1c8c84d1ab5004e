"""How the images of a study are to be seen: as the dataset said when the study started."""

from __future__ import annotations

from typing import Any

from sts_qa.catalogue.queries.viewing import viewing_settings
from sts_qa.studies.models import Study


def viewing_of(study: Study) -> dict[str, Any]:
    """Return categories, presets and Hounsfield statement, as `viewing_settings` describes them.

    Of a started study without any query; a draft has those of its dataset as they stand now.
    """
    return study.viewing or viewing_settings(study.dataset)
