from django.apps import AppConfig


class Exceptions(AppConfig):
    name = "orderwright.exceptions"
    label = "exceptions"
