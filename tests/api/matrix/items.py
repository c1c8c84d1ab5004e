import hashlib

from django.conf import settings

from sts_qa.catalogue.models import ItemVersion
from tests.api.matrix import Line
from tests.catalogue.folders import png


def with_file(world):
    path = settings.DATA_FOLDER / "1.png"
    path.write_bytes(png())
    ItemVersion.objects.filter(item=world.item).update(
        location=str(path),
        sha256=hashlib.sha256(png()).hexdigest(),
        size_bytes=len(png()),
        shape=[16, 32],
        mask=None,
    )


def first_version(world):
    return {"version": 1}


READS = "401 403 403 403 200 | 200 403 200 404"
LINES = {
    "list_items": Line(READS),
    "show_item": Line(READS),
    "send_thumbnail": Line(READS, prepare=with_file, arguments=first_version),
    "send_preview": Line(READS, prepare=with_file, arguments=first_version),
}
