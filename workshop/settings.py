"""All settings. Environment variables are read through workshop/env.py.

docs/settings.md describes every variable; a test fails for one that is missing there.
"""

import warnings
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from PIL import Image

from workshop import env

BASE_DIR = Path(__file__).resolve().parent.parent

# Site and server

DEBUG = env.boolean("DEBUG", default=False)
# `make run` listens on 127.0.0.1.
PORT = env.integer("PORT", 8000, least=1, most=65535)
SITE_URL = env.site_url("SITE_URL", f"http://localhost:{PORT}")
IS_LOCAL = env.is_loopback(SITE_URL)
IS_HTTPS = SITE_URL.startswith("https://")
SITE_NAME = env.text("SITE_NAME", "Workshop")
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")
DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "var")
SECRET_KEY = env.secret_key("SECRET_KEY", local=IS_LOCAL, data_dir=DATA_DIR)
# Read by `manage.py reencrypt_second_factors` only: Django itself accepts nothing signed with it.
OLD_SECRET_KEY = env.text("OLD_SECRET_KEY")
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "", *env.hosts("ALLOWED_HOSTS")]
if IS_LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Number of proxies in front that add X-Forwarded-For; 0 ignores the header.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, least=0, most=5)
# Number of server processes. Two serve more visitors at once, and need 30 MB more memory.
WORKERS = env.integer("WORKERS", 1, least=1, most=64)
# Socket on which systemd waits for a message that the service is ready.
NOTIFY_SOCKET = env.text("NOTIFY_SOCKET")
# Submissions per network in ten minutes; all networks together may send ten times as many.
SUBMISSION_LIMIT = env.integer("SUBMISSION_LIMIT", 60, least=1, most=1_000_000)

# Applications

INSTALLED_APPS = [
    "apps.dashboard.apps.DashboardAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "admin_ordering",
    "imagefield",
    "simple_history",
    "apps.core",
    "apps.accounts",
    "apps.editions",
    "apps.mail",
    "apps.private_links",
    "apps.people",
    "apps.topics",
    "apps.interest",
    "apps.review",
    "apps.selection",
    "apps.programme",
    "apps.contributors",
    "apps.registration",
    "apps.printing",
    "apps.awards",
    "apps.sponsors",
    "apps.news",
    "apps.feedback",
    "apps.pages",
    "apps.imports",
    "apps.privacy",
    "apps.dashboard",
    "apps.ops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.RefuseRequestsMiddleware",
    "apps.core.middleware.CompressPagesMiddleware",
    "apps.editions.middleware.FormerAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "apps.ops.freezing.serving.FrozenEditionsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.editions.middleware.LanguageMiddleware",
    "apps.accounts.middleware.AccountPagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "apps.accounts.middleware.UnsentFormsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "workshop.urls"
WSGI_APPLICATION = "workshop.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.core.views.site_context",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# Database and cache

DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Failed sign-ins, shared by all workers and machines.
    "default": env.cache("CACHE_URL", table="core_cacheentry")
    | {"KEY_FUNCTION": "apps.core.rate_limit.cache_key", "TIMEOUT": 20 * 60},
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# Language and time

# The desk is in LANGUAGE_CODE, public pages in that of their edition (apps/editions/middleware.py).
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "workshop.formats"
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/London")
USE_I18N = True
USE_TZ = True

# Files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Files with restricted access; no web server in front serves this folder.
PRIVATE_ROOT = DATA_DIR / "private"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "apps.core.files.PrivateStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Public files are readable by a web server in front, whatever the umask; the permissions of
# DATA_DIR decide whether it gets that far.
FILE_UPLOAD_PERMISSIONS = 0o644
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755
FILE_UPLOAD_TEMP_DIR = None
# More than the largest photo, so that its form field reports a photo that is too large.
LARGEST_REQUEST = 64 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "apps.core.files.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
LARGEST_PUBLIC_FORM = 512 * 1024  # bytes; the longest abstract has 240 kB, in any alphabet
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a group of a thousand people in one admin form

# Pillow's own limit on pixels also applies where a library opens an image.
Image.MAX_IMAGE_PIXELS = 40_000_000
warnings.simplefilter("error", Image.DecompressionBombWarning)
IMAGEFIELD_BIN_DEPTH = 2
IMAGEFIELD_AUTOGENERATE = False  # apps/people/models/persons.py does

# fields.W161 warns about a fixed default time; 23:59 as the default of a deadline is meant.
# security.W005 and W021 ask for HSTS beyond this host, which is a choice (HSTS). imagefield.I001 asks
# for a focal point, which pictures do not need that are shown whole.
SILENCED_SYSTEM_CHECKS = ["imagefield.I001", "fields.W161", "security.W005", "security.W021"]

# Authentication

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "apps.accounts.forms.SignInForm",
    "reauthenticate": "apps.accounts.forms.ReauthenticateForm",
    "reset_password": "apps.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "apps.accounts.forms.ResetPasswordKeyForm",
    "change_password": "apps.accounts.forms.ChangePasswordForm",
    "set_password": "apps.accounts.forms.SetPasswordForm",
    "add_email": "apps.accounts.forms.ChangeAddressForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # invitations verify the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True  # one address each, changed once the new one is verified
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "apps.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "apps.accounts.forms.CodeForm",
    "reauthenticate": "apps.accounts.forms.ReauthenticateByCodeForm",
    "activate_totp": "apps.accounts.forms.ActivateTOTPForm",
    "add_webauthn": "apps.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "apps.accounts.forms.RenamePasskeyForm",
    "login_webauthn": "apps.accounts.forms.SignInByPasskeyForm",
    "authenticate_webauthn": "apps.accounts.forms.AuthenticateByPasskeyForm",
    "reauthenticate_webauthn": "apps.accounts.forms.ReauthenticateByPasskeyForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # also while a change of address is pending
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_LOCAL
MFA_TOTP_ISSUER = SITE_NAME
# Roles that must have a second factor: chairs, all or none; none on a local first run.
SECOND_FACTOR = env.choice(
    "SECOND_FACTOR", "none" if IS_LOCAL else "chairs", ("chairs", "all", "none")
)

# Security headers and cookies

_ASSETS = [SELF]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": _ASSETS,
        "style-src": _ASSETS,
        "img-src": _ASSETS,
        "font-src": _ASSETS,
        "connect-src": _ASSETS,
        "manifest-src": _ASSETS,
        "form-action": _ASSETS,
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict = {
    feature: [] for feature in ("camera", "microphone", "geolocation", "payment", "usb")
}
_COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
# Browsers send cookies of localhost to all its ports: two installations have different names.
COOKIE_SUFFIX = "" if IS_HTTPS else "-" + sha256(str(DATA_DIR).encode()).hexdigest()[:8]
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session{COOKIE_SUFFIX}"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf{COOKIE_SUFFIX}"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
# Names the account that used the desk last (apps/accounts/unsent_forms.py); sent to the desk only, so
# that a signed-out organiser still gets public pages from caches.
DESK_COOKIE_NAME = f"{'__Secure-' if IS_HTTPS else ''}desk{COOKIE_SUFFIX}"
DESK_COOKIE_PATH = "/admin/"
# Not in a cookie, since a message may contain a private link.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "apps.core.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc  # not to a port from the request
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
# Browsers refuse http for this host, its subdomains too, or before the first visit: a wider promise
# binds other sites of the domain, and cannot be taken back quickly.
HSTS = env.choice("HSTS", "host", ("host", "subdomains", "preload"))
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS != "host"
SECURE_HSTS_PRELOAD = HSTS == "preload"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Email. Without a mail server, and only on this machine, it is printed to the terminal.

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.sender("MAIL_FROM", "workshop@localhost")
EMAIL_TIMEOUT = 20
vars().update(env.smtp("SMTP_URL"))
HAS_MAIL = bool(env.text("SMTP_URL"))
if not HAS_MAIL:
    EMAIL_BACKEND = (
        "django.core.mail.backends.console.EmailBackend"
        if IS_LOCAL
        else "django.core.mail.backends.dummy.EmailBackend"
    )

# Logging

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "apps.core.logs.MaskingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {
        "one_line": {"()": "apps.core.logs.WithoutTraceback"},
        "worth_logging": {"()": "apps.core.logs.WorthLogging"},
    },
    "handlers": {
        "terminal": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["one_line"],
        }
    },
    "root": {"handlers": ["terminal"], "level": "WARNING"},
    # Refused requests are logged, missing pages are not.
    "loggers": {
        "apps.accounts.sign_in_log": {"level": "INFO"},
        "django.request": {"filters": ["worth_logging"]},
        "django.server": {"handlers": ["terminal"], "propagate": False},
        "imagefield": {"level": "WARNING"},
    },
}
