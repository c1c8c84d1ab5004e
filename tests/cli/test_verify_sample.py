from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sts_qa.studies.models import Study
from tests.studies.conftest import coordinator, dataset, drawn, people  # noqa: F401

pytestmark = pytest.mark.django_db


def test_it_says_yes_to_an_untouched_sample(drawn):  # noqa: F811
    output = StringIO()
    call_command("verify_sample", drawn.study.name, stdout=output)
    assert output.getvalue().startswith("Yes")
    assert drawn.study.frame_hash in output.getvalue()


def test_it_says_no_with_the_differences(drawn):  # noqa: F811
    Study.objects.filter(pk=drawn.study.pk).update(seed=4)
    output = StringIO()
    with pytest.raises(CommandError, match="No") as raised:
        call_command("verify_sample", drawn.study.name, stdout=output)
    assert raised.value.returncode == 1
    assert "A-PXI/unlabelled" in output.getvalue()


def test_before_the_draw_it_says_so(people):  # noqa: F811
    with pytest.raises(CommandError, match="not drawn yet"):
        call_command("verify_sample", people.study.name)


def test_an_unknown_study_is_named(db):
    with pytest.raises(CommandError, match="nothing here"):
        call_command("verify_sample", "nothing here")
