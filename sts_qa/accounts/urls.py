from django.urls import path

from sts_qa.accounts import views

app_name = "accounts"
urlpatterns = [
    path("log-in/", views.log_in, name="log_in"),
    path("log-out/", views.log_out, name="log_out"),
    path("theme/", views.set_theme, name="set_theme"),
    path("language/", views.set_language, name="set_language"),
    path("notice/", views.accept_notice, name="accept_notice"),
    path("password/", views.change_password, name="change_password"),
]
