from django.apps import AppConfig


class Takings(AppConfig):
    name = "orderwright.takings"
    label = "takings"
