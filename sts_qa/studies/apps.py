from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "sts_qa.studies"
    label = "studies"

    def ready(self) -> None:
        from sts_qa.catalogue.access import BLINDING_CHECKS
        from sts_qa.studies.queries.access import rates_openly

        BLINDING_CHECKS.append(rates_openly)
