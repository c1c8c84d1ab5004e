from django.conf import settings

from tests.api.matrix import Line


def folder(world):
    return {"root": str(settings.IMPORT_ROOTS[0]), "name": "Model 3"}


LINES = {
    "import_masks": Line("401 403 403 403 202 | 403 403 202 404", body=folder),
    "list_masks": Line("401 403 403 403 200 | 200 403 200 404"),
}
