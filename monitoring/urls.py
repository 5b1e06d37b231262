"""Address to view."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from monitoring import trusting_urls
from monitoring.views import (
    cohort,
    course,
    export,
    harmonising,
    health,
    home,
    inbox,
    labs,
    lesion,
    linking,
    noise,
    numbers,
    patient,
    pictures,
    pseudoprogression,
    receiving,
    registry,
    triage,
)
from monitoring.views.assessing import adjudication, due, lines, reading, therapy

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", LoginView.as_view(redirect_authenticated_user=True), name="sign_in"),
    path("sign-out", LogoutView.as_view(next_page="home"), name="sign_out"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    # ---- what comes in
    path("inbox/", inbox.inbox_page, name="inbox"),
    path("uploads/", receiving.upload_open, name="upload_open"),
    path("uploads/<uuid:code>/", triage.upload_page, name="upload"),
    path("uploads/<uuid:code>/files", receiving.upload_files, name="upload_files"),
    path("uploads/<uuid:code>/complete", receiving.upload_complete, name="upload_complete"),
    path("uploads/<uuid:code>/abandon", receiving.upload_abandon, name="upload_abandon"),
    path("uploads/<uuid:code>/retry", inbox.retry_upload, name="upload_retry"),
    path("uploads/<uuid:code>/file-ready", triage.file_ready, name="upload_file_ready"),
    path("series/<uuid:code>/file", triage.candidate_file, name="candidate_file"),
    path("series/<uuid:code>/decline", triage.candidate_decline, name="candidate_decline"),
    path("series/<uuid:code>/picture.png", pictures.thumbnail, name="candidate_picture"),
    path("scans/<uuid:code>/retry", inbox.retry_scan, name="scan_retry"),
    path("patient-options", triage.patient_options, name="patient_options"),
    # ---- outlines
    path("outlines/<uuid:code>/", linking.outline_page, name="outline"),
    path("outlines/<uuid:code>/link", linking.outline_link, name="outline_link"),
    path("outlines/<uuid:code>/open", linking.outline_open, name="outline_open"),
    path("outlines/<uuid:code>/number", numbers.number_card, name="number"),
    path("outlines/<uuid:code>/number/again", numbers.number_again, name="number_again"),
    path("outlines/<uuid:code>/number/recompute", numbers.number_recompute, name="number_recompute"),
    path("outlines/<uuid:code>/slices.json", pictures.manifest, name="slice_manifest"),
    path("outlines/<uuid:code>/slices/<str:digest>.png", pictures.picture, name="slice_picture"),
    # ---- patients
    path("patients/", cohort.cohort_page, name="cohort"),
    path("patients/export.csv", export.cohort_csv, name="cohort_csv"),
    path("patients/<uuid:code>/", patient.patient_page, name="patient"),
    path("patients/<uuid:code>/features", patient.feature_options, name="feature_options"),
    path("patients/<uuid:code>/visits/<int:timepoint>", patient.visit_drawer, name="visit_drawer"),
    path("patients/<uuid:code>/visits/<int:timepoint>/number", numbers.visit_card, name="visit_number"),
    path("patients/<uuid:code>/visits/<int:timepoint>/assessment", reading.assessment_page, name="assessment"),
    path(
        "patients/<uuid:code>/visits/<int:timepoint>/assessment/revise",
        reading.assessment_revise,
        name="assessment_revise",
    ),
    path(
        "patients/<uuid:code>/visits/<int:timepoint>/assessment/discard",
        reading.assessment_discard,
        name="assessment_discard",
    ),
    path(
        "patients/<uuid:code>/visits/<int:timepoint>/adjudication", adjudication.adjudication_page, name="adjudication"
    ),
    path("patients/<uuid:code>/confirmation", due.confirmation_book, name="confirmation_book"),
    path("harmonisation/", harmonising.harmonisation_page, name="harmonisation"),
    path("harmonisation/fit", harmonising.harmonisation_fit, name="harmonisation_fit"),
    path("due/", due.due_page, name="due"),
    path("noise/", noise.noise_page, name="noise"),
    path("discordance/", noise.discordance_page, name="discordance"),
    path("models/", registry.models_page, name="models"),
    path("models/send", registry.model_send, name="model_send"),
    path("models/<str:digest>/", registry.model_card, name="model"),
    path("models/<str:digest>/approve", registry.model_approve, name="model_approve"),
    path("models/<str:digest>/retire", registry.model_retire, name="model_retire"),
    path("pseudoprogression/", pseudoprogression.scoreboard_page, name="pseudoprogression"),
    path("patients/<uuid:code>/unconfirmed", pseudoprogression.unconfirmed, name="unconfirmed"),
    path("patients/<uuid:code>/responses.csv", export.responses_csv, name="responses_csv"),
    path("patients/<uuid:code>/measurements.csv", export.measurements_csv, name="measurements_csv"),
    path("patients/<uuid:code>/export.csv", export.patient_csv, name="patient_csv"),
    path("patients/<uuid:code>/labs", labs.labs_page, name="labs"),
    path("patients/<uuid:code>/labs/results", labs.result_add, name="result_add"),
    path("patients/<uuid:code>/labs/results/<uuid:row>", labs.result_correct, name="result_correct"),
    path("patients/<uuid:code>/labs/events", labs.event_add, name="event_add"),
    path("patients/<uuid:code>/labs/events/<uuid:row>", labs.event_correct, name="event_correct"),
    path("patients/<uuid:code>/labs/import", labs.labs_import, name="labs_import"),
    path("patients/<uuid:code>/labs/about", labs.about_change, name="about_change"),
    path("patients/<uuid:code>/labs.csv", labs.labs_csv, name="labs_csv"),
    path("patients/<uuid:code>/events.csv", labs.events_csv, name="events_csv"),
    path("patients/<uuid:code>/courses/", course.course_add, name="course_add"),
    path("courses/<uuid:code>/", course.course_edit, name="course_edit"),
    path("courses/<uuid:code>/remove", course.course_remove, name="course_remove"),
    path("courses/<uuid:code>/holds", therapy.course_holds, name="course_holds"),
    path("lesions/<uuid:code>/treatments", therapy.lesion_treatments, name="lesion_treatments"),
    path("lesions/<uuid:code>/", lesion.lesion_page, name="lesion"),
    path("lesions/<uuid:code>/revise", lesion.lesion_revise, name="lesion_revise"),
    path("lesions/<uuid:code>/drawn/<int:said>", lines.drawn_drawer, name="drawn_drawer"),
    path("lesions/<uuid:code>/drawer", lesion.lesion_drawer, name="lesion_drawer"),
    *trusting_urls.urlpatterns,
]

handler403 = home.forbidden
handler404 = home.not_found
