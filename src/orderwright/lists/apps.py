from django.apps import AppConfig


class Lists(AppConfig):
    name = "orderwright.lists"
    label = "lists"
