from django.apps import AppConfig


class Staff(AppConfig):
    name = "orderwright.staff"
    label = "staff"
