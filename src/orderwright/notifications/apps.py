from django.apps import AppConfig


class Notifications(AppConfig):
    name = "orderwright.notifications"
    label = "notifications"
