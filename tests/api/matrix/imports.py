from django.conf import settings

from sts_qa.catalogue.models import ImportRun
from tests.api.matrix import Line


def planned(world):
    world.run = ImportRun.objects.create(
        dataset=world.dataset,
        root="/data/teeth",
        layout="folders",
        state=ImportRun.State.PLANNED,
        created_by=world.coordinator,
    )


def its_address(world):
    return {"run_id": world.run.pk}


def folder(world):
    return {"root": str(settings.IMPORT_ROOTS[0])}


READS = "401 403 403 403 200 | 200 403 200 404"
LINES = {
    "list_import_roots": Line("401 403 403 403 200 | 200 403 200 403"),
    "list_imports": Line(READS),
    "start_import": Line("401 403 403 403 202 | 403 403 202 404", body=folder),
    "show_import": Line(READS, prepare=planned, arguments=its_address),
    "list_import_entries": Line(READS, prepare=planned, arguments=its_address),
    "apply_import": Line(
        "401 403 403 403 202 | 403 403 202 404", prepare=planned, arguments=its_address
    ),
    "cancel_import": Line(
        "401 403 403 403 200 | 403 403 200 404", prepare=planned, arguments=its_address
    ),
}
