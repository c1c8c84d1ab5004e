import io
import signal

import pytest
from django.core.management import CommandError, call_command

from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.kinds import JOB_KINDS
from sts_qa.jobs.models import Job
from sts_qa.jobs.terminal import run_with_bar
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_job(monkeypatch):
    monkeypatch.setitem(JOB_KINDS, "count", "tests.jobs.handlers.count_to_ten")
    person = make_user()
    return lambda: enqueue(kind="count", parameters={}, acting_user=person)


@pytest.fixture(autouse=True)
def own_signals():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("option", "done"), [("--until-empty", 2), ("--once", 1)])
def test_it_works_jobs_off_and_says_how_many(make_job, option, done):
    make_job(), make_job()
    output = io.StringIO()
    call_command("run_worker", option, stdout=output)
    assert Job.objects.filter(state=Job.State.DONE).count() == done
    assert f"{done} job" in output.getvalue()


def test_a_command_shows_no_bar_when_its_output_is_no_terminal(make_job, capsys):
    job = run_with_bar(make_job())
    assert job.result == {"counted": 10}
    assert capsys.readouterr().err == ""


def test_a_command_stopped_by_ctrl_c_says_how_to_go_on(make_job, monkeypatch):
    def stop(work):
        raise KeyboardInterrupt

    monkeypatch.setattr("tests.jobs.handlers.count_to_ten", stop)
    with pytest.raises(CommandError, match=r"cancelled; run the command again"):
        run_with_bar(make_job())
    assert Job.objects.get().state == Job.State.CANCELLED


def test_a_command_fails_with_the_reason_of_its_job(make_job, monkeypatch):
    monkeypatch.setitem(JOB_KINDS, "count", "tests.jobs.handlers.fail_with_reason")
    with pytest.raises(CommandError, match=r"The folder /data is empty\."):
        run_with_bar(make_job())
