"""The kinds of events that people who work here, and the keys of programs, record."""

KINDS = {
    "key.issued": "A program was given an API key.",
    "key.revoked": "An API key opens nothing any more.",
    "person.account_closed": "Somebody does not work here any more, and cannot sign in.",
    "person.account_reopened": "Somebody who was let go can sign in again.",
    "person.admitted": "Somebody who works here was given an account.",
    "person.password_changed": "Somebody who works here has a new password.",
    "person.renamed": "Somebody who works here is called by another name.",
    "person.role_changed": "Somebody who works here has another role.",
    "person.sessions_ended": "Somebody who works here signed out in every browser at once.",
}
