from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "sts_qa.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        from sts_qa.catalogue.access import is_blinded_to_job
        from sts_qa.catalogue.navigation import dataset_link
        from sts_qa.jobs import queries

        queries.BLINDING_CHECKS.append(is_blinded_to_job)
        queries.SUBJECT_LINKS["dataset"] = dataset_link
