from django.urls import path

from sts_qa.measurements import views

app_name = "measurements"
metrics = "<int:dataset_id>/metrics/"
urlpatterns = [
    path(metrics, views.show_metrics, name="show_metrics"),
    path(f"{metrics}start/", views.start_metrics, name="start_metrics"),
    path(f"{metrics}<slug:shape>.<slug:file_format>", views.export_metrics, name="export_metrics"),
    path(f"{metrics}<slug:metric>/", views.list_measurements, name="list_measurements"),
    path(
        "<int:dataset_id>/items/<int:item_id>/metrics/",
        views.show_item_metrics,
        name="show_item_metrics",
    ),
]
