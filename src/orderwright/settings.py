"""Django settings.  Everything a deployment may choose is read from the environment."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent


def prepare_threshold() -> int | None:
    chosen = os.environ.get("ORDERWRIGHT_PREPARE_THRESHOLD", "3")
    return int(chosen) if chosen else None


def database_from(url: str) -> dict[str, object]:
    """Django's way of writing the connection that `url` (postgresql://user:password@host:port/name?option=…) names."""
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "") or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Statements are prepared after a few uses; behind a pooler in transaction mode set this to nothing.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": prepare_threshold(), **options},
    }


DATABASES = {"default": database_from(os.environ.get("DATABASE_URL", "postgresql:///orderwright"))}

SECRET_KEY = os.environ.get("ORDERWRIGHT_SECRET_KEY") or secrets.token_urlsafe(50)
DEBUG = os.environ.get("ORDERWRIGHT_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("ORDERWRIGHT_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "orderwright.kernel",
    "orderwright.catalog",
    "orderwright.customers",
    "orderwright.staff",
    "orderwright.inventory",
    "orderwright.orders",
    "orderwright.payments",
    "orderwright.credits",
    "orderwright.fulfilment",
    "orderwright.promises",
    "orderwright.shipping",
    "orderwright.channels",
    "orderwright.notifications",
    "orderwright.webhooks",
    "orderwright.takings",
    "orderwright.exceptions",
    "orderwright.lists",
    "orderwright.web",
]

MIDDLEWARE = [
    "orderwright.api.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "orderwright.web.visiting.VisitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "orderwright.urls"
WSGI_APPLICATION = "orderwright.wsgi.application"
AUTH_USER_MODEL = "staff.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "orderwright.web.visiting.surroundings",
            ],
            "builtins": ["orderwright.web.templatetags.ow"],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = ["orderwright.staff.hashing.Argon2id"]
LOGIN_URL = "/sign-in"

APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
SECURE_CONTENT_TYPE_NOSNIFF = True

# A webhook's secret per payment provider, and where the provider is: "code=url=secret,…".
PAYMENT_PROVIDERS = os.environ.get("ORDERWRIGHT_PAYMENT_PROVIDERS", "")

# The carriers that the shop has an account with, written in the same way: "code=url=secret,…".
CARRIERS = os.environ.get("ORDERWRIGHT_CARRIERS", "")

# Networks of our own that webhooks may call all the same ("127.0.0.0/8,10.1.0.0/16"), and whether without TLS too.
WEBHOOKS_INSIDE = os.environ.get("ORDERWRIGHT_WEBHOOKS_INSIDE", "")
WEBHOOKS_HTTP = os.environ.get("ORDERWRIGHT_WEBHOOKS_HTTP") == "1"

# What the shop's own pages sell on, and how it is paid beside cards.
SHOP_CHANNEL = os.environ.get("ORDERWRIGHT_SHOP_CHANNEL", "web")
_MINUTES = os.environ.get("ORDERWRIGHT_SELF_SERVICE_MINUTES", "")
# So long after placing an order its customer may change or cancel it; empty: as long as nobody packs it.  0: never.
SELF_SERVICE_MINUTES = int(_MINUTES) if _MINUTES else None
SHOP_METHODS = os.environ.get("ORDERWRIGHT_SHOP_METHODS", "bank_transfer,cash_on_delivery")
SHOP_TAX = os.environ.get("ORDERWRIGHT_SHOP_TAX", "")  # on all that they sell: "VAT 19 %=0.19"; nothing: none is told
PROXIES = int(os.environ.get("ORDERWRIGHT_PROXIES", "0"))  # how many of ours stand before us

# Letters: the ways out (nothing: a mailbox at /mailbox keeps them), who writes them, and whom the shop's own go to.
EMAIL_URL = os.environ.get("ORDERWRIGHT_EMAIL_URL", "")
MESSAGES_URL = os.environ.get("ORDERWRIGHT_MESSAGES", "")
EMAIL_FROM = os.environ.get("ORDERWRIGHT_EMAIL_FROM", "Orderwright <orders@localhost>")
SHOP_NAME = os.environ.get("ORDERWRIGHT_SHOP_NAME", "Orderwright")
SHOP_EMAIL = os.environ.get("ORDERWRIGHT_SHOP_EMAIL", "")
SHOP_URL = os.environ.get("ORDERWRIGHT_SHOP_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = SHOP_URL.startswith("https://")
SHOP_TIME_ZONE = os.environ.get("ORDERWRIGHT_TIME_ZONE", "UTC")
BANK_DETAILS = os.environ.get("ORDERWRIGHT_BANK_DETAILS", "")
LETTER_TEMPLATES = os.environ.get("ORDERWRIGHT_TEMPLATES", "")  # a folder; its files come before ours
QUIET_HOURS = os.environ.get("ORDERWRIGHT_QUIET_HOURS", "21-8")  # of the customer; nothing: none

# Cookies: for this site only, out of reach of scripts, and never without TLS where the shop has it.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # a working day
CSRF_TRUSTED_ORIGINS = [SHOP_URL] if SECURE else []
CSRF_FAILURE_VIEW = "orderwright.web.visiting.strange_form"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 86400 if SECURE else 0

IDEMPOTENCY_KEPT_SECONDS = int(os.environ.get("ORDERWRIGHT_IDEMPOTENCY_KEPT_SECONDS", str(72 * 3600)))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {  # whose INFO is a line for every job of the timetable, or for every question to a provider
        name: {"level": "WARNING"} for name in ("procrastinate", "httpx")
    },
    "root": {"handlers": ["console"], "level": os.environ.get("ORDERWRIGHT_LOG", "INFO")},
}
