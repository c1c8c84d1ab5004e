from django.urls import path

from sts_qa.screening import views

app_name = "screening"
urlpatterns = [
    path("<int:dataset_id>/decisions/", views.list_decisions, name="list_decisions"),
    path("<int:dataset_id>/items/<int:item_id>/decide/", views.decide_item, name="decide_item"),
]
