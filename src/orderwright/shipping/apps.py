from django.apps import AppConfig


class Shipping(AppConfig):
    name = "orderwright.shipping"
    label = "shipping"
