"""Django as a WSGI application: all requests but those that `front` answers itself."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orderwright.settings")
application = get_wsgi_application()
