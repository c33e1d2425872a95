"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane: what OWASP's password storage cheat sheet asks for at least.

    Django's own choice takes 100 MiB for each password that is looked at, which a small machine may not have left.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
