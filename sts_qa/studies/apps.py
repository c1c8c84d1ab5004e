from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "sts_qa.studies"
    label = "studies"

    def ready(self) -> None:
        from sts_qa.catalogue.access import BLINDING_CHECKS
        from sts_qa.catalogue.extensions import NEEDED_CHECKSUMS
        from sts_qa.jobs.queries import SUBJECT_LINKS
        from sts_qa.measurements.queries.units import PINNED_VERSIONS
        from sts_qa.studies.navigation import study_link
        from sts_qa.studies.queries.access import rates_openly
        from sts_qa.studies.queries.pinned import pinned_versions
        from sts_qa.studies.queries.stored_files import needed_checksums

        BLINDING_CHECKS.append(rates_openly)
        NEEDED_CHECKSUMS.append(needed_checksums)
        PINNED_VERSIONS.append(pinned_versions)
        SUBJECT_LINKS["study"] = study_link
