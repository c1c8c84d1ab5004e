from django.urls import path

from sts_qa.studies import views

app_name = "studies"
urlpatterns = [
    path("", views.list_studies, name="list_studies"),
    path("new/", views.create_study, name="create_study"),
    path("new/preview/", views.preview_plan, name="preview_plan"),
    path("invitations/<str:secret>/", views.use_invitation, name="use_invitation"),
    path("<uuid:public_id>/", views.show_study, name="show_study"),
    path("<uuid:public_id>/plan/", views.edit_plan, name="edit_plan"),
    path("<uuid:public_id>/plan/preview/", views.preview_plan, name="preview_plan"),
    path("<uuid:public_id>/draw/", views.draw_sample, name="draw_sample"),
    path("<uuid:public_id>/start/", views.start_study, name="start_study"),
    path("<uuid:public_id>/pause/", views.pause_study, name="pause_study"),
    path("<uuid:public_id>/resume/", views.resume_study, name="resume_study"),
    path("<uuid:public_id>/close/", views.close_study, name="close_study"),
    path("<uuid:public_id>/unseal/", views.unseal_results, name="unseal_results"),
    path("<uuid:public_id>/panel/", views.choose_panel, name="choose_panel"),
    path("<uuid:public_id>/members/", views.manage_members, name="manage_members"),
    path("<uuid:public_id>/members/programs/", views.add_model_rater, name="add_model_rater"),
    path(
        "<uuid:public_id>/members/<int:member>/invitation/",
        views.invite_member,
        name="invite_member",
    ),
    path(
        "<uuid:public_id>/members/<int:member>/withdraw/",
        views.withdraw_member,
        name="withdraw_member",
    ),
    path(
        "<uuid:public_id>/members/<int:member>/replace/", views.replace_rater, name="replace_rater"
    ),
    path(
        "<uuid:public_id>/members/<int:member>/also-rates/",
        views.set_also_rates,
        name="set_also_rates",
    ),
    path("<uuid:public_id>/sample/", views.show_manifest, name="show_manifest"),
    path("<uuid:public_id>/sample/check/", views.verify_sample, name="verify_sample"),
    path("<uuid:public_id>/sample/frame.csv", views.download_manifest, name="download_manifest"),
]
