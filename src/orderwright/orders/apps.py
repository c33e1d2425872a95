from django.apps import AppConfig


class Orders(AppConfig):
    name = "orderwright.orders"
    label = "orders"
