import pytest

from sts_qa.studies.models import Study
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


def test_an_untouched_sample_is_confirmed(client, drawn):
    client.force_login(drawn.coordinator)
    assert "Yes: drawing again" in text_of(client.get(drawn.address("verify_sample")))


def test_a_sample_of_another_seed_is_refuted_with_the_differences(client, drawn):
    Study.objects.filter(pk=drawn.study.pk).update(seed=4)
    client.force_login(drawn.coordinator)
    answer = client.get(drawn.address("verify_sample"))
    assert "is not the one that this frame and seed give" in text_of(answer)
    assert "A-PXI/labelled" in text_of(answer)


def test_before_the_draw_there_is_nothing_to_verify(client, people):
    client.force_login(people.coordinator)
    assert client.get(people.address("verify_sample")).status_code == 404


def test_who_may_open_it(drawn, check_access):
    check_access(drawn, drawn.address("verify_sample"), observer=200)
