from django.apps import AppConfig


class Webhooks(AppConfig):
    name = "orderwright.webhooks"
    label = "webhooks"
