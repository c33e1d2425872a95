from django.apps import AppConfig


class Payments(AppConfig):
    name = "orderwright.payments"
    label = "payments"
