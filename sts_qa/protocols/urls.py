from django.urls import path

from sts_qa.protocols import views

app_name = "protocols"
urlpatterns = [
    path("", views.list_protocols, name="list_protocols"),
    path("upload/", views.upload_protocol, name="upload_protocol"),
    path("<slug:slug>/", views.show_protocol, name="show_protocol"),
    path("<slug:slug>/<int:number>/", views.show_protocol, name="show_protocol"),
    path("<slug:slug>/<int:number>/edit/", views.edit_protocol, name="edit_protocol"),
    path("<slug:slug>/<int:number>/download/", views.download_protocol, name="download_protocol"),
]
