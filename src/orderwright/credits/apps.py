from django.apps import AppConfig


class Credits(AppConfig):
    name = "orderwright.credits"
    label = "credits"
