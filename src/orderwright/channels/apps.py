from django.apps import AppConfig


class Channels(AppConfig):
    name = "orderwright.channels"
    label = "channels"
