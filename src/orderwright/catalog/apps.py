from django.apps import AppConfig


class Catalog(AppConfig):
    name = "orderwright.catalog"
    label = "catalog"
