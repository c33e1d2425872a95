from django.apps import AppConfig


class Inventory(AppConfig):
    name = "orderwright.inventory"
    label = "inventory"
