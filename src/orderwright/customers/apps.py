from django.apps import AppConfig


class Customers(AppConfig):
    name = "orderwright.customers"
    label = "customers"
