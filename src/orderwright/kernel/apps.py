from django.apps import AppConfig


class Kernel(AppConfig):
    name = "orderwright.kernel"
    label = "kernel"
