from django.apps import AppConfig


class Fulfilment(AppConfig):
    name = "orderwright.fulfilment"
    label = "fulfilment"
