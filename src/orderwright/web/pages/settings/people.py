"""/desk/settings/people: who works here, in which role, and what each role may do."""

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orderwright.staff import people
from orderwright.staff.roles import ROLES, VERBS
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, say
from orderwright.web.pages.settings.frame import show

HERE = "/desk/settings/people"


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@allow("staff:read")
def everybody(request: Visit) -> HttpResponse:
    """All who work or worked here; somebody new; the table of roles and verbs."""
    if request.method == "POST":
        demand(request, "staff:write")
        email, name = (reading.text(request.POST, field, needed=True) for field in ("email", "name"))
        role, password = reading.text(request.POST, "role"), request.POST.get("password", "")[:4096]
        person = people.let_in(email, name, role, password, actor=request.actor)
        say(request, _("{name} can sign in now.").format(name=person.name))
        return go(request, HERE)
    words = {
        "people": people.people(),
        "roles": [(code, role.name) for code, role in ROLES.items()],
        "all_roles": ROLES.values(),
        "verbs": [
            (verb, sentence, [verb in role.verbs for role in ROLES.values()]) for verb, sentence in VERBS.items()
        ],
    }
    return show(request, "people", "settings/people.html", words)


@sensitive_post_parameters("password")
@require_POST
@allow("staff:write")
def act(request: Visit, person_id: int) -> HttpResponse:
    """Give somebody another role or a password, let them go, or take them back."""
    do = reading.one_of(request.POST, "do", ("role", "let_go", "take_back", "password"))
    if do == "role":
        role = reading.text(request.POST, "role")
        person = people.give_role(person_id, role, actor=request.actor)
        words = _("{name} is {role} now.").format(name=person.name, role=ROLES[person.role].name)
    elif do == "let_go":
        person = people.let_go(person_id, actor=request.actor)
        words = _("{name} cannot sign in any more.").format(name=person.name)
    elif do == "take_back":
        person = people.take_back(person_id, actor=request.actor)
        words = _("{name} can sign in again.").format(name=person.name)
    else:
        people.set_password(person_id, request.POST.get("password", "")[:4096], actor=request.actor)
        words = _("The password was set; whoever was signed in with the old one has to sign in again.")
    say(request, words)
    return go(request, HERE)


PATHS = [
    path("desk/settings/people", everybody),
    path("desk/settings/people/<int:person_id>", act),
]
