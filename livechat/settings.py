"""Settings by topic. With nothing set it is a development site on SQLite in ./var."""

import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from livechat.demo_openid import demo_entry
from livechat.env import env, keep_secret_file, read_secret
from livechat.sign_in import read_providers
from livechat.static_headers import add_headers

BASE_DIR = Path(__file__).resolve().parent.parent

# ---- Where and how this site runs -------------------------------------------------------------------
DEV = env.bool("LIVECHAT_DEV", False)
DEBUG = DEV and env.bool("DEBUG", False)
VAR = Path(env.str("VAR", str(BASE_DIR / "var"))).resolve()
VAR.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database file lies in it
PUBLIC_ORIGIN = env.str("PUBLIC_ORIGIN", "http://127.0.0.1:8000").rstrip("/")
PUBLIC_HOST = urlsplit(PUBLIC_ORIGIN).hostname or "127.0.0.1"
SECURE = PUBLIC_ORIGIN.startswith("https://")
DEMO_ORIGIN = env.str("DEMO_ORIGIN", "")  # `run` serves a customer's page there, in development only
DEMO_OPENID_ORIGIN = env.str("DEMO_OPENID_ORIGIN", "")  # `run` serves a provider of OpenID Connect there, likewise
SECRET_KEY = read_secret("SECRET_KEY") or (keep_secret_file(VAR / "secret_key") if DEV else "")
ADDRESS_KEY_FILE = VAR / "address_key"  # keys the hashes of addresses; never rotated, part of the backup
ALLOWED_HOSTS = [PUBLIC_HOST, *env.list("ALLOWED_HOSTS", [])]
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN]
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
WEB_PROCESSES = env.int("WEB_PROCESSES", 1)
WEB_THREADS = env.int("WEB_THREADS", 8)
ROOT_URLCONF = "livechat.urls"
WSGI_APPLICATION = None
SITE_NAME = env.str("SITE_NAME", "livechat")
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", "support@livechat.example")
SECURITY_CONTACT = env.str("SECURITY_CONTACT", SUPPORT_EMAIL)  # of security.txt: an address or an https page

# ---- Apps, by floor ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "livechat.apps.LivechatConfig",
    "privacy",
    "reports",
    "support",
    "enforcement",
    "surveys",
    "chat",
    "forum",
    "facts",
    "operators",
    "notifications",
    "accounts",
    "audit",
    "policies",
    "analytics",
    "outbox",
    "core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts.apps.SiteAdminConfig",  # django.contrib.admin with a second factor
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "core.middleware.RequestId",
    "core.logs.AccessLog",
    "core.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.RefusedAnswers",
    "accounts.middleware.ActiveMembership",
    "policies.middleware.AskAgain",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "core.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "core.templatetags.look"],
        },
    }
]

# ---- Data -------------------------------------------------------------------------------------------
DATABASE_URL = read_secret("DATABASE_URL", f"sqlite:///{VAR / 'livechat.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=None, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
    # Django REST framework asks for the fields of PostgreSQL, and with them comes the whole driver: 9 MB for nothing
    sys.modules.setdefault("django.contrib.postgres.fields", None)  # type: ignore[arg-type]  # None: cannot be imported
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}  # a file: servers in tests have threads
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; "
            "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-20000"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = read_secret("REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "core.cache.SurvivingRedisCache" if REDIS_URL else "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": REDIS_URL or "livechat",
        # in memory, whoever fills the cache throws out counts of tries and used tickets: Django's 300 are soon full
        "OPTIONS": {} if REDIS_URL else {"MAX_ENTRIES": 100_000},
    },
    # pieces of pages that hold nobody's data, of this process and this version of the code
    "words": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "words"},
}
MEDIA_ROOT = VAR / "media"
FILES_ROOT = VAR / "files"  # of chats; outside of everything that is served by itself
LARGEST_FILE = min(max(env.int("FILE_MEGABYTES", 10), 1), 25) * 1_048_576  # bytes of one file in a chat
FILE_UPLOAD_HANDLERS = ["core.uploads.CappedUploadHandler"]  # in memory, capped; no temporary file
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# ---- People, sessions, sign-in ----------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name", "surname")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "chat:console"
LOGOUT_REDIRECT_URL = "landing"
# networks from which /admin/ exists; none: from everywhere
ADMIN_NETWORKS = [ip_network(text) for text in env.list("ADMIN_NETWORKS", [], subcast=str)]
TRIAL_DAYS = env.int("TRIAL_DAYS", 30)  # 0: no trial, as for a site that a company runs for itself

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_SESSION_REMEMBER = None  # the person chooses at log-in: 14 days, or until the browser is closed
ACCOUNT_CHANGE_EMAIL = True  # one address a person; a new one takes over once it is confirmed
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # we do not write to addresses that we do not know
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "fax"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
# a JSON list: [{"kind": "openid", "slug", "name", "issuer", "client_id", "secret", "trusted"}, ...]; docs/sign-in.md
SIGN_IN_PROVIDERS = read_providers(
    read_secret("SIGN_IN_PROVIDERS"), dev=DEV, more=demo_entry(DEMO_OPENID_ORIGIN) if DEV else ()
)
SOCIALACCOUNT_ADAPTER = "accounts.provider_adapter.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an e-mail of a provider opens no login that is here already
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_AUTO_SIGNUP = False  # who comes for the first time chooses what we take over
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}  # none of the library's own: SIGN_IN_PROVIDERS, and the admin
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
USERSESSIONS_ADAPTER = "accounts.adapter.SessionsAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_RECOVERY_CODES_SHOW_ONCE = True
USERSESSIONS_TRACK_ACTIVITY = False  # it writes on every request; the sessions list shows the start instead
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 64

SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE else "language"
LANGUAGE_COOKIE_SECURE = SECURE
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # one cookie less

# ---- Headers (SAFETY: headers, clickjacking, geolocation) ---------------------------------------------
SECURE_SSL_REDIRECT = SECURE and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE and TRUSTED_PROXY_COUNT else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SOCKET_ORIGIN = PUBLIC_ORIGIN.replace("http", "ws", 1)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF, SOCKET_ORIGIN],
        "frame-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ---- The API (SAFETY: DRF) ----------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # accounts.api_base names its own
    "DEFAULT_PERMISSION_CLASSES": ["core.api.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.SmallJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.OneKind",
    "DEFAULT_THROTTLE_CLASSES": [],  # core.limits counts; DRF's own counters are not atomic
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.answer_problem",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": _("What programs can do in an account. Every error has the same shape: a code and a sentence."),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": "/"}],  # of the site that the description comes from
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["core.api.only_our_operations"],
    "DISABLE_ERRORS_AND_WARNINGS": False,
}

# ---- Mail -------------------------------------------------------------------------------------------
EMAIL_URL = read_secret("EMAIL_URL")  # smtp://user:password@host:587?tls=1; empty in development: /dev/mail/
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"livechat <{SUPPORT_EMAIL}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_FILE_DIR = VAR / "mail"
_mail = urlsplit(EMAIL_URL)
if EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = _mail.username or ""
    EMAIL_HOST_PASSWORD = _mail.password or ""
    EMAIL_USE_TLS = "tls=1" in _mail.query
    EMAIL_USE_SSL = _mail.scheme == "smtps"
else:
    EMAIL_BACKEND = "livechat.devmail.FileBackend"
EMAIL_TIMEOUT = 20
# where answers arrive, by a pipe or in this mailbox (docs/inbound-mail.md); "": people answer on the page only
IMAP_URL = read_secret("INBOUND_IMAP_URL")  # imaps://user:password@host:993/INBOX
IMAP_PASSWORD = read_secret("INBOUND_IMAP_PASSWORD")
IMAP_KEEP = env.bool("INBOUND_IMAP_KEEP", False)
INBOUND_ADDRESS = env.str("INBOUND_ADDRESS", SUPPORT_EMAIL if DEV or IMAP_URL else "")

# ---- The chat path: limits of one socket ----------------------------------------------------------------
SOCKET_LIMIT_FACTOR = env.int("SOCKET_LIMIT_FACTOR", 1)  # benchmarks raise it; the limits are in core/limits.py

# ---- Work in the background ---------------------------------------------------------------------------
OUTBOX_POLL_SECONDS = env.int("OUTBOX_POLL_SECONDS", 30)
SUMMARY_HOUR = 7  # local hour at which the daily summary of the day before goes out
METRICS_TOKEN = read_secret("METRICS_TOKEN")

# ---- Language and time --------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# ---- Static files -------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "core.stylesheets.JoinedSheets",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(VAR / "static")))
WHITENOISE_USE_FINDERS = DEV
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEV
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# ---- Logs: structured, with a request id, without personal data (core/logs.py) ------------------------
LOGGING_CONFIG = "core.logs.configure"
LOGGING = {"level": env.str("LOG_LEVEL", "INFO"), "json": env.bool("LOG_JSON", not DEV), "messages": DEBUG}
SILENCED_SYSTEM_CHECKS: list[str] = []
