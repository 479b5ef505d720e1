"""Doors of sign-in with other services: the way there and back, the first visit, and the end of a connection."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.flows import signup as pending_signup
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, provider_queries, provider_told
from accounts.doors import PersonRequest, signed_in_page
from accounts.join_form import JoinForm
from accounts.provider_list import Provider, find_by_key, find_provider
from accounts.views import profile_page
from core.client_address import client_address
from core.errors import Refused
from core.limits import count_use, limited


@never_cache
@require_POST
@limited("sign_in")
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Leads to the service. A page with a link does it: a redirect of a form would need a wider CSP."""
    provider = find_provider(slug)
    from accounts.provider_flows import PROBLEMS, go  # the library's flows are loaded by the first sign-in

    try:
        response = go(request, provider)
    except PROBLEMS:
        return _failed(request, provider)
    if response.status_code != 302:
        return response
    return render(request, "accounts/to_provider.html", {"provider": provider, "url": response["Location"]})


@never_cache
@require_GET
@limited("sign_in")
def back(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the service sends the browser; a state that this browser did not take along opens nothing."""
    provider = find_provider(slug)
    page = provider_told.find_waiting_page(request, provider)
    if request.GET.get("error") == "access_denied":  # before the state: not every service sends it back with a "no"
        return provider_told.keep_opener(redirect(page)) if page else redirect("socialaccount_login_cancelled")
    from accounts.provider_flows import PROBLEMS, come_back  # as above

    try:
        response = come_back(request, provider)
    except PROBLEMS:
        response = _failed(request, provider)
    if not page:
        return response
    # a form waits: whatever went wrong, it is that form's page which says so
    return provider_told.keep_opener(response if response.status_code == 302 else redirect(page))


def _failed(request: HttpRequest, provider: Provider) -> HttpResponse:
    return render(
        request, "socialaccount/authentication_error.html", {"auth_error": {"provider": provider}}, status=401
    )


@never_cache
@require_GET
def consent_refused(request: HttpRequest) -> HttpResponse:
    """The service says that the person did not want to."""
    messages.info(request, _("Nothing was shared, and you are not logged in. You can log in another way."))
    return redirect("account_login")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The first visit: what to take over, what is still needed; until then nothing of it is in a table of people."""
    login = _find_pending(request)
    provider = find_by_key(login.account.provider) if login else None
    if login is None or provider is None or request.user.is_authenticated:
        pending_signup.clear_pending_signup(request)
        return redirect("account_login")
    if request.method == "POST" and "cancel" in request.POST:
        request.session.flush()
        messages.info(request, _("What %(name)s told us is forgotten.") % {"name": provider.name})
        return redirect("account_login")
    user = login.user
    told = {"name": user.name, "surname": user.surname, "email": user.email}
    proved = any(one.verified and one.email.lower() == user.email.lower() for one in login.email_addresses)
    form = JoinForm(request.POST or None, told=told, is_proved=proved)
    if request.method == "POST" and form.is_valid():
        count_use("signup", client_address(request))
        try:
            return _join(request, login, form)
        except Refused as refused:
            form.add_error(None, str(refused.message))
    context = {"form": form, "provider": provider, "is_proved": proved}
    return render(request, "accounts/join.html", context, status=400 if form.errors else 200)


def _find_pending(request: HttpRequest) -> Any:
    try:
        return pending_signup.get_pending_signup(request)
    except (SocialApp.DoesNotExist, KeyError):  # the service was taken off the list meanwhile
        return None


def _join(request: HttpRequest, login: SocialLogin, form: JoinForm) -> HttpResponse:
    """Makes the person and logs in, or asks to confirm the address; one that has a login looks the same as a new one.

    Who proved the address through a trusted service learns that there is a login: it is theirs (SAFETY: enumeration).
    """
    choices = form.choices()
    language = (get_language() or settings.LANGUAGE_CODE)[:10]
    try:
        user = actions.join(key=login.account.provider, uid=login.account.uid, language=language, **choices)
    except Refused as refused:
        if refused.code != "taken":
            raise
        if choices["verified"]:
            sentence = _("You have a login with this e-mail. Log in to it, then connect the service in your profile.")
            raise Refused("taken", sentence) from None
        _forget(request)
        response: HttpResponse = prevent_enumeration(request, email=choices["email"])
        return response
    _forget(request)
    login.user = user
    answer: HttpResponse = pending_signup.complete_social_signup(request, login)
    return answer


def _forget(request: HttpRequest) -> None:
    pending_signup.clear_pending_signup(request)
    request.session.set_expiry(0)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_page
def disconnect(request: PersonRequest, pk: int) -> HttpResponse:
    """Asks, and ends the connection."""
    account = provider_queries.find_connection(request.user, pk)  # another person's is not there
    return _disconnect(request, account)


@reauthentication_required
def _disconnect(request: PersonRequest, account: SocialAccount) -> HttpResponse:
    if request.method != "POST":
        provider = find_by_key(account.provider)
        name = provider.name if provider else account.provider
        return render(request, "accounts/disconnect.html", {"name": name, "pk": account.pk})
    try:
        actions.disconnect(account=account, session_key=request.session.session_key or "")
    except Refused as refused:
        return profile_page(request, refused={"login": refused.message})
    get_adapter(request).send_notification_mail("socialaccount/email/account_disconnected", request.user)
    messages.success(request, _("Disconnected. Other devices are logged out."))
    return redirect("accounts:profile")
