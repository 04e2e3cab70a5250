"""Packages: several sessions of a service paid for at once."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app import words
from app.blueprints.api.base import Code, Shape, one_of
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import Amount, CheckoutView, Instant, Nothing, Taken
from app.models import PackageOffer, Role
from app.services import practice
from app.services.accounts import second_factors
from app.services.prepaid import packages
from app.services.prepaid.packages import Held, Wish


class PackageOfferRequest(Taken, json_schema_extra={"examples": [{"service_id": 1, "sessions": 5, "price": 500_000}]}):
    """So many sessions (2 to 100) of a service for a price in minor units of its currency; no days: valid for ever."""

    service_id: int = Field(gt=0, lt=2**31)
    sessions: Annotated[int, Code("out_of_range", packages.MOST, packages.LEAST)] = Field(
        ge=packages.LEAST, le=packages.MOST
    )
    price: Annotated[int, Code("amount_invalid")] = Field(ge=1, lt=10**12)
    valid_days: Annotated[int | None, Code("out_of_range", packages.LONGEST, 1)] = Field(
        None, ge=1, le=packages.LONGEST
    )


class PackageOfferView(Shape):
    """A package as it is sold."""

    id: int
    service_id: int
    title: str
    sessions: int
    price: Amount
    valid_days: int | None

    @classmethod
    def of(cls, offer: PackageOffer) -> "PackageOfferView":
        """Everybody's view."""
        return cls(
            id=offer.id,
            service_id=offer.service_id,
            title=offer.service.title,
            sessions=offer.sessions,
            price=Amount.of(offer.price),
            valid_days=offer.valid_days,
        )


class PackageView(Shape):
    """A package that was bought: open, used_up (until a session comes back), expired (the rest is credit) or ended."""

    id: UUID
    service_id: int
    title: str
    practitioner: str
    client: str
    sessions: int
    left: int
    price: Amount
    rest: Amount
    state: Annotated[str, one_of(words.PACKAGES)]
    expires_at: Instant | None = Field(description="a session is booked with it before this; it may be later itself")
    bookings: list[UUID]

    @classmethod
    def of(cls, held: Held) -> "PackageView":
        """The view of who bought it and who sold it."""
        package = held.package
        return cls(
            id=package.id,
            service_id=package.service_id,
            title=package.title,
            practitioner=package.practitioner.name,
            client=package.client.name,
            sessions=package.sessions,
            left=held.left,
            price=Amount.of(package.price),
            rest=Amount.of(held.rest),
            state=held.state,
            expires_at=package.expires_at,
            bookings=[booking.id for booking in held.bookings],
        )


@call(
    "GET /practitioners/{slug}/packages",
    "Packages that can be bought",
    name="list_packages_of_practitioner",
    gives=list[PackageOfferView],
    login=False,
)
def offered(slug: str) -> list[PackageOfferView]:
    """What anybody may buy now."""
    return [PackageOfferView.of(offer) for offer in packages.offered_by(practice.by_slug(slug))]


@call(
    "GET /package-offers",
    "The packages I offer",
    name="list_package_offers",
    gives=list[PackageOfferView],
    fails=("404 not_found",),
)
def own() -> list[PackageOfferView]:
    """The practitioner's own."""
    return [PackageOfferView.of(offer) for offer in packages.own_offers(caller())]


@call(
    "POST /package-offers",
    "Offer a package",
    name="create_package_offer",
    takes=PackageOfferRequest,
    gives=PackageOfferView,
    status=201,
    fails=(
        "404 not_found",
        "422 amount_not_taken package_dearer package_reserves",
    ),
)
def offer(body: PackageOfferRequest) -> PackageOfferView:
    """It is for sale; offered again as it is, it is the same one."""
    return PackageOfferView.of(
        packages.offer(caller(), Wish(body.service_id, body.sessions, body.price, body.valid_days))
    )


@call(
    "POST /package-offers/{offer_id}/withdraw",
    "Sell it no more",
    name="withdraw_package_offer",
    takes=Nothing,
    gives=PackageOfferView,
)
def withdraw(_body: Nothing, offer_id: int) -> PackageOfferView:
    """What was bought stays as it is."""
    return PackageOfferView.of(packages.withdraw(offer_id, caller()))


@call(
    "POST /package-offers/{offer_id}/buy",
    "Buy a package",
    name="buy_package",
    takes=Nothing,
    gives=CheckoutView,
    status=201,
    fails=(
        "403 clients_only",
        "409 not_taking_bookings",
    ),
)
def buy(_body: Nothing, offer_id: int) -> CheckoutView:
    """Something to be paid; the package is there once it is."""
    return CheckoutView.of(packages.buy(caller(), offer_id, request_key()))


@call("GET /packages", "The packages I bought, or sold", name="list_packages", gives=list[PackageView])
def find() -> list[PackageView]:
    """The newest first."""
    is_seller = caller().role is Role.PRACTITIONER
    found = (packages.for_practitioner if is_seller else packages.for_client)(caller())
    return [PackageView.of(held) for held in found]


@call("GET /packages/{package_id}", "One package", name="show_package", gives=PackageView)
def show(package_id: UUID) -> PackageView:
    """For who bought it, who sold it, and staff."""
    return PackageView.of(packages.get(package_id, caller()))


@call(
    "POST /packages/{package_id}/refund",
    "Send back what is left",
    name="refund_package",
    takes=Nothing,
    gives=PackageView,
    fails=(
        "403 forbidden",
        "409 nothing_left package_over under_review",
    ),
)
def refund(_body: Nothing, package_id: UUID) -> PackageView:
    """The money of what is left goes back and the package is over.

    By who sold it, by staff, or by its client once it cannot be used any more.
    """
    second_factors.check_set_up(caller(), for_money=True)
    return PackageView.of(packages.held(packages.refund(package_id, caller())))
