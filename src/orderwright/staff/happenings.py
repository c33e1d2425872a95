"""The kinds of events that people who work here, and the keys of programs, record."""

KINDS = {
    "key.issued": "A program was given an API key.",
    "key.revoked": "An API key opens nothing any more.",
    "person.given_password": "Somebody who works here has a new password.",
    "person.given_role": "Somebody who works here has another role.",
    "person.let_go": "Somebody does not work here any more, and cannot sign in.",
    "person.let_in": "Somebody who works here was given an account.",
    "person.taken_back": "Somebody who was let go can sign in again.",
}
