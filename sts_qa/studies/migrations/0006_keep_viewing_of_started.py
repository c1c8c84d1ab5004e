"""Studies that started before datasets had settings for viewing keep seeing square pixels."""

from django.db import migrations


def keep_square_pixels(apps, schema_editor):
    study_model = apps.get_model("studies", "Study")
    category_model = apps.get_model("catalogue", "Category")
    for study in study_model.objects.filter(started_at__isnull=False, viewing={}):
        names = category_model.objects.filter(dataset=study.dataset_id).order_by("position", "name")
        square = {"pixel_height": 1.0, "pixel_width": 1.0, "source": "square"}
        study.viewing = {
            "categories": {name: square for name in names.values_list("name", flat=True)},
            "presets": [],
            "hounsfield": False,
        }
        study.save(update_fields=["viewing"])


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0005_viewing_settings"),
        ("catalogue", "0002_viewing_settings"),
    ]

    operations = [migrations.RunPython(keep_square_pixels, migrations.RunPython.noop)]
