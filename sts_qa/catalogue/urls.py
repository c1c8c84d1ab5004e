from django.urls import path

from sts_qa.catalogue import views

app_name = "catalogue"
dataset = "<int:dataset_id>/"
run = f"{dataset}imports/<int:run_id>/"
item = f"{dataset}items/<int:item_id>/"
version = f"{item}versions/<int:number>/"
urlpatterns = [
    path("", views.list_datasets, name="list_datasets"),
    path("new/", views.create_dataset, name="create_dataset"),
    path(dataset, views.show_dataset, name="show_dataset"),
    path(f"{dataset}members/", views.manage_members, name="manage_members"),
    path(f"{dataset}members/<int:user_id>/remove/", views.remove_member, name="remove_member"),
    path(f"{dataset}viewing/", views.set_viewing, name="set_viewing"),
    path(f"{dataset}viewing/preview/", views.preview_viewing, name="preview_viewing"),
    path(f"{dataset}import/", views.start_import, name="start_import"),
    path(f"{dataset}import/upload/", views.upload_archive, name="upload_archive"),
    path(run, views.show_import, name="show_import"),
    path(f"{run}apply/", views.apply_import, name="apply_import"),
    path(f"{run}cancel/", views.cancel_import, name="cancel_import"),
    path(f"{dataset}masks/import/", views.import_masks, name="import_masks"),
    path(f"{dataset}items/", views.list_items, name="list_items"),
    path(item, views.show_item, name="show_item"),
    path(f"{version}thumbnail.png", views.send_thumbnail, name="send_thumbnail"),
    path(f"{version}preview.png", views.send_preview, name="send_preview"),
]
