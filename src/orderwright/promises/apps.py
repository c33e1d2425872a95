from django.apps import AppConfig


class Promises(AppConfig):
    name = "orderwright.promises"
    label = "promises"
