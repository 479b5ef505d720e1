"""The pages as gunicorn serves them."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
