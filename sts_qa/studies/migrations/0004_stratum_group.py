from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_groups(apps, schema_editor):
    """Give the strata drawn so far their category's present group: the best that is known."""
    Category = apps.get_model("catalogue", "Category")
    group = Category.objects.filter(pk=OuterRef("category")).values("group")
    apps.get_model("studies", "Stratum").objects.update(group=Subquery(group))


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0001_initial"),
        ("studies", "0003_close_pairs"),
    ]

    operations = [
        migrations.AddField(
            model_name="stratum",
            name="group",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.RunPython(copy_groups, migrations.RunPython.noop),
    ]
