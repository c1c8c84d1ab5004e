"""Settings for the tests: the product's own, with data under a temporary folder.

Whatever STS_QA_DATA and DATABASE_URL say, tests never come near an installation's data.
`TEST_DATABASE_URL` names the PostgreSQL server to use; without it the database is SQLite.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "TEST_DATA" not in os.environ:
    # The first process makes and removes it; its workers only use it
    os.environ["TEST_DATA"] = tempfile.mkdtemp(prefix="sts-qa-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_DATA"], ignore_errors=True)
worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
for name in [name for name in os.environ if name.startswith("STS_QA_")]:
    if name != "STS_QA_SAMPLE_DATA":
        del os.environ[name]
os.environ["STS_QA_DATA"] = str(Path(os.environ["TEST_DATA"]) / worker)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
# Several test processes share the cores: more threads in each would wait for one another. Numpy
# and OpenCV read this when they are imported
for name in ("OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(name, "1")

from sts_qa.settings import *  # noqa: E402, F403
from sts_qa.settings import STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir(exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Page tests need no collected files; browser tests and `served_files` switch the product's back on
HASHED_STORAGES = STORAGES
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
