"""Signing in and out. Knows no area."""

from django.contrib.auth.views import LoginView, LogoutView

sign_in = LoginView.as_view(
    template_name="cockpit/signin.html", redirect_authenticated_user=True, next_page="/"
)
sign_out = LogoutView.as_view(next_page="/sign-in/")
