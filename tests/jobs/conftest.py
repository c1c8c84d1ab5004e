import pytest

from sts_qa.jobs.kinds import JOB_KINDS


@pytest.fixture
def counting_jobs(monkeypatch):
    """A kind of job, `count`, that counts to ten."""
    monkeypatch.setitem(JOB_KINDS, "count", "tests.jobs.handlers.count_to_ten")
    return "count"
