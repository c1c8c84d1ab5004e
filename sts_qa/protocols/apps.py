from django.apps import AppConfig
from django.apps import apps as current_apps
from django.db.models.signals import post_migrate


class ProtocolsConfig(AppConfig):
    name = "sts_qa.protocols"
    label = "protocols"

    def ready(self) -> None:
        post_migrate.connect(install_built_in_protocols, sender=self)


def install_built_in_protocols(sender, apps=current_apps, using="default", **kwargs) -> None:
    """Install the built-in protocols after a migration, and after a test emptied the tables."""
    from sts_qa.protocols import actions

    if using == "default" and _tables_are_current(apps):
        actions.install_built_in_protocols()


def _tables_are_current(apps) -> bool:
    """Say whether the migrated tables are those of the models, not those of an earlier state."""
    for model in current_apps.get_models():
        if model._meta.app_label not in {"protocols", "audit", "studies"}:
            continue
        try:
            migrated = apps.get_model(model._meta.label)
        except LookupError:
            return False
        columns = {field.column for field in model._meta.concrete_fields}
        if {field.column for field in migrated._meta.concrete_fields} != columns:
            return False
    return True
