"""People and services to try Kikao with; making them twice changes nothing."""

from dataclasses import dataclass, replace
from datetime import time

from sqlalchemy import select

from app.domain.modes import MODES
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import PaperKind, Practitioner, Question, Role, Service, User
from app.services import practice
from app.services.accounts import people
from app.services.bookings import intake_forms
from app.services.core import payment_methods
from app.services.core.transaction import transaction
from app.services.practice import Hours, ServiceForm

PASSWORD = "demo-demo-demo"  # noqa: S105  (printed on the console; refused in production)


@dataclass(frozen=True)
class _Practice:
    email: str
    name: str
    zone: str
    phone: str
    headline: str
    credentials: str
    about: str
    languages: str
    currency: str
    price: int


_PRACTICES = (
    _Practice(
        "practitioner@demo.test",
        "Dr. Amina Otieno",
        "Africa/Nairobi",
        "+254722000001",
        "Counselling psychologist, Kisumu",
        "PhD Counselling Psychology, Maseno · registered psychologist",
        "I work with adults, couples and families on worry, loss and the hard talks in between. "
        "Sessions are calm, practical and private.",
        "en,sw",
        "KES",
        150_000,
    ),
    _Practice(
        "ravi@demo.test",
        "Ravi Deshpande",
        "Asia/Kolkata",
        "+919820000001",
        "Mathematics and physics tutor, Pune",
        "MSc Mathematics, Savitribai Phule Pune University · teaching since 2011",
        "Patient help for grades 8 to 12 and for engineering entrance papers, one to one or in small groups.",
        "en,hi",
        "INR",
        90_000,
    ),
    _Practice(
        "claire@demo.test",
        "Claire Moreau",
        "Europe/Paris",
        "+33612345678",
        "Mentor for first-time managers, Lyon",
        "Professional certified coach",
        "Twelve years of leading teams, now helping others begin. Bring the talk you are putting off.",
        "fr,en",
        "EUR",
        6_000,
    ),
)
_FIRST = "First consultation"
# mode, title, minutes, kind, places
_SERVICES = (
    ("hold_then_pay", "Single session", 50, "individual", 1),
    ("pay_then_book", "Short call", 25, "individual", 1),
    ("approve_then_pay", _FIRST, 50, "individual", 1),
)
_GROUP = ServiceForm(
    title="Evening group",
    kind="group",
    minutes=90,
    price_amount=50_000,
    currency="KES",
    mode_code="hold_then_pay",
    places=3,
    description="A small group that meets to practise calm.",
)
_COUPLES = "For two"
# What else a practitioner may offer: paid afterwards, reserved until the answer, steps of cancelling, a form to sign.
_MORE = (
    ServiceForm(
        title="Follow-up session",
        kind="individual",
        minutes=50,
        price_amount=150_000,
        currency="KES",
        mode_code="pay_after",
        later_tiers=((6, 50),),
        no_show_percent=25,
    ),
    ServiceForm(
        title=_COUPLES,
        kind="couples",
        minutes=75,
        price_amount=220_000,
        currency="KES",
        mode_code="hold_then_pay",
        free_cancel_hours=48,
        later_tiers=((24, 50), (6, 25)),
        free_moves=1,
        description="For two people who want to talk with somebody there.",
    ),
    ServiceForm(
        title="Trial hour",
        kind="individual",
        minutes=50,
        price_amount=6_000,
        currency="EUR",
        mode_code="authorise_then_approve",
        description="Charged only when we both think that it fits.",
    ),
)
_BEFORE = intake_forms.Draft(
    kind=PaperKind.INTAKE,
    title="Before we meet",
    questions=(
        Question(key="", label="What brings you here?", kind="long", required=True),
        Question(key="", label="Have you talked with somebody about it before?", kind="yes_no"),
    ),
    once=True,
)


def seed() -> None:
    """The demo people and services exist."""
    _person("client@demo.test", "Wanjiku Kamau", Role.CLIENT, "Africa/Nairobi", "+254712345678")
    _person("staff@demo.test", "Kikao Staff", Role.STAFF, "Africa/Nairobi", "")
    for plan in _PRACTICES:
        user = _person(plan.email, plan.name, Role.PRACTITIONER, plan.zone, plan.phone)
        _practice(user, plan)


def _person(email: str, name: str, role: Role, zone: str, phone: str) -> User:
    found = db.session.scalars(select(User).where(User.address == email)).one_or_none()
    return found or _with_proved_phone(people.register(email, PASSWORD, name, phone=phone, zone=zone, role=role))


def _with_proved_phone(user: User) -> User:
    """Whose number is nobody's and is taken as proved, so that their SMS can be looked at."""
    with transaction() as session:
        found = session.get_one(User, user.id)
        found.phone_proved_at = clock.now()
        return found


def _practice(user: User, plan: _Practice) -> None:
    if db.session.scalar(select(Practitioner.id).where(Practitioner.user_id == user.id)) is None:
        practice.found_practice(
            user,
            name=plan.name,
            headline=plan.headline,
            credentials=plan.credentials,
            about=plan.about,
            languages=plan.languages,
        )
        week = [Hours(weekday, time(8), time(20)) for weekday in range(6)] + [Hours(6, time(10), time(16))]
        practice.set_hours(user, week)
    titles = set(db.session.scalars(select(Service.title).where(Service.practitioner_id == practice.of_user(user).id)))
    for form in _forms(plan):
        if form.title not in titles:
            practice.save_service(user, form)
    _paper(user)


def _paper(user: User) -> None:
    wanted = [service.id for service in practice.of_user(user).services if service.title == _COUPLES]
    if wanted and not intake_forms.mine(user):
        intake_forms.save(user, replace(_BEFORE, services=tuple(wanted)))


def _forms(plan: _Practice) -> list[ServiceForm]:
    forms = [
        ServiceForm(
            title=title,
            kind=kind,
            minutes=minutes,
            price_amount=plan.price * minutes // 50,
            currency=plan.currency,
            mode_code=mode,
            introductory=title == _FIRST,
            places=places,
            step_minutes=30 if minutes < 30 else 60,
        )
        for mode, title, minutes, kind, places in _SERVICES
    ]
    forms += [form for form in (_GROUP, *_MORE) if form.currency == plan.currency]
    # An installation without a gateway for a currency gets no service nobody could pay for.
    return [
        form
        for form in forms
        if payment_methods.accepting(Money(form.price_amount, form.currency), reserving=MODES[form.mode_code].reserves)
    ]
