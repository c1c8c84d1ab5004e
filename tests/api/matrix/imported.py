from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.matrix import Line


def ratings(world):
    table = b"item,rater,value\nx,Ann,1\nx,Bob,2\n"
    return {"name": "Old", "file": SimpleUploadedFile("old.csv", table)}


LINES = {"import_ratings": Line("401 403 403 403 201 | 403 403 201 403", body=ratings)}
