"""Who may do what where: each route of the application, its verbs, and to whom it answers.

    anybody                         without logging in
    link                            whoever was given this secret address
    nobody                          while the house has staff, or is not open to them (test_first_run, test_house_pages)
    gateway                         a call with a gateway's signature, or to an address that we have signed
    members                         everybody who has logged in, about what is their own
    clients practitioners staff     everybody in that role; the first two about what is their own
    client practitioner             the side of what the address names: who pays for it, and who gives it

To everybody else it is as if the address had never existed; the other side of a thing may also be told that this is not
theirs to do (403). HEAD goes with GET.
"""

import re
from dataclasses import dataclass

_TABLE = """
/                                                           GET         anybody
/b/<key>                                                    GET         anybody
/c/<key>                                                    GET         anybody
/calendar/<key>.ics                                         GET         link
/callbacks/<gateway_code>                                   POST        gateway
/callbacks/<gateway_code>/<token>                           POST        gateway
/healthz                                                    GET         anybody
/readyz                                                     GET         anybody
/.well-known/security.txt                                   GET         anybody
/become-a-practitioner                                      GET POST    nobody
/contact                                                    GET         anybody
/house/<colour>.css                                         GET         anybody
/house/logo/<name>.webp                                     GET         anybody
/help                                                       GET         anybody
/language                                                   POST        anybody
/legal/<any(privacy, terms, imprint):kind>                  GET         anybody
/setup/<token>                                              GET POST    nobody
/zone                                                       POST        anybody
/hours                                                      POST        anybody
/static/<path:filename>                                     GET         anybody

/login                                                      GET POST    anybody
/register                                                   GET POST    anybody
/logout                                                     POST        anybody
/register/code                                              GET POST    anybody
/register/code/again                                        POST        anybody
/login/code                                                 GET POST    anybody
/login/code/check                                           POST        anybody
/login/link/<token>                                         GET POST    link
/login/second                                               GET POST    anybody
/login/passkey                                              POST        anybody
/login/passkey/challenge                                    POST        anybody
/login/with/<provider>                                      POST        anybody
/login/with/<provider>/back                                 GET POST    anybody
/people/forgot                                              GET POST    anybody
/people/forgot/sent                                         GET         anybody
/people/reset/<token>                                       GET         anybody
/people/reset/<token>                                       POST        link
/invitations/<token>                                        GET POST    link
/profile                                                    GET POST    members
/profile/calendar                                           POST        members
/profile/messages                                           POST        members
/profile/phone                                              GET POST    members
/profile/phone/code                                         POST        members
/profile/security                                           GET         members
/profile/security/identities/<int(max=2147483647):identity_id>/remove  POST  client
/profile/security/password                                  GET POST    members
/profile/security/address                                   GET POST    members
/profile/security/address/code                              GET POST    members
/profile/security/second                                    GET         members
/profile/security/passkeys                                  POST        members
/profile/security/passkeys/challenge                        POST        members
/profile/security/passkeys/<int(max=2147483647):passkey_id>/remove  POST  client
/profile/security/app                                       GET POST    members
/profile/security/app/check                                 POST        members
/profile/security/app/remove                                POST        members
/profile/security/recovery-codes                            POST        members
/profile/security/logins/<int(max=2147483647):login_id>/end  POST        client
/profile/security/logins/end                                POST        members
/profile/security/programs                                  GET POST    members
/me/data                                                    GET         members
/me/data/erase                                              POST        clients
/me/data/export                                             POST        members
/notices                                                    GET         members
/notices/read                                               POST        members

/practitioners                                              GET         anybody
/practitioners/<slug>                                       GET         anybody
/photos/<any(small, large):size>/<photo>.webp               GET         anybody
/practitioners/<slug>/questions                             POST        clients
/services/<int:service_id>                                  GET         anybody
/services/<int:service_id>/book                             GET         anybody
/services/<int:service_id>/book                             POST        anybody
/services/<int:service_id>/book/other-address               POST        anybody
/services/<int:service_id>/now                              POST        clients
/services/<int:service_id>/wait                             GET         anybody
/services/<int:service_id>/wait                             POST        clients
/waits/<uuid:wait_id>/leave                                 POST        client

/bookings                                                   GET         members
/bookings/<uuid:booking_id>                                 GET         client practitioner staff
/bookings/<uuid:booking_id>/approve                         POST        practitioner staff
/bookings/<uuid:booking_id>/attendees                       GET POST    client
/bookings/<uuid:booking_id>/calendar.ics                    GET         client practitioner staff
/bookings/<uuid:booking_id>/cancel                          GET POST    client practitioner staff
/bookings/<uuid:booking_id>/absent                          POST        staff
/bookings/<uuid:booking_id>/give-back                       POST        practitioner staff
/bookings/<uuid:booking_id>/nobody-came                     POST        client
/bookings/<uuid:booking_id>/took-place                      POST        staff
/bookings/<uuid:booking_id>/was-there                       POST        client
/bookings/<uuid:booking_id>/what-happened                   POST        client practitioner
/bookings/<uuid:booking_id>/complete                        POST        practitioner staff
/bookings/<uuid:booking_id>/decline                         POST        practitioner staff
/bookings/<uuid:booking_id>/end-call                        POST        client practitioner
/bookings/<uuid:booking_id>/forms                           GET         client practitioner staff
/bookings/<uuid:booking_id>/forms/<int:paper_id>            GET         client practitioner
/bookings/<uuid:booking_id>/forms/<int:paper_id>            POST        client
/bookings/<uuid:booking_id>/forms/<int:paper_id>/text       GET         client practitioner
/bookings/<uuid:booking_id>/link                            POST        practitioner
/bookings/<uuid:booking_id>/move                            GET POST    client practitioner staff
/bookings/<uuid:booking_id>/move/accept                     POST        client practitioner staff
/bookings/<uuid:booking_id>/move/reject                     POST        client practitioner staff
/bookings/<uuid:booking_id>/move/withdraw                   POST        client practitioner staff
/bookings/<uuid:booking_id>/news                            GET         client practitioner staff
/bookings/<uuid:booking_id>/no-show                         POST        practitioner staff
/bookings/<uuid:booking_id>/note                            POST        client practitioner
/bookings/<uuid:booking_id>/rate                            GET POST    client
/bookings/<uuid:booking_id>/rate-client                     POST        practitioner
/bookings/<uuid:booking_id>/received                        POST        practitioner staff
/bookings/<uuid:booking_id>/room                            GET         client practitioner staff
/bookings/<uuid:booking_id>/room/news                       GET         client practitioner staff
/bookings/<uuid:booking_id>/session-proof                   GET         practitioner staff
/bookings/<uuid:booking_id>/start                           POST        client practitioner staff
/bookings/<uuid:booking_id>/start-call                      POST        client practitioner
/bookings/<uuid:booking_id>/waive                           POST        practitioner staff
/sessions/<int(max=2147483647):slot_id>                     GET         practitioner staff
/sessions/<int(max=2147483647):slot_id>/cancel              POST        practitioner staff
/seats/<token>                                              GET         link
/seats/<token>/<any(away, comes):word>                      POST        link

/checkouts/<uuid:checkout_id>                               GET         client staff
/checkouts/<uuid:checkout_id>/back                          GET         anybody
/checkouts/<uuid:checkout_id>/cancel                        POST        client staff
/checkouts/<uuid:checkout_id>/check                         POST        client staff
/checkouts/<uuid:checkout_id>/offer                         POST        client
/checkouts/<uuid:checkout_id>/pay                           POST        client
/checkouts/<uuid:checkout_id>/proof                         POST        client
/checkouts/<uuid:checkout_id>/receipt                       POST        client
/checkouts/<uuid:checkout_id>/return                        GET POST    anybody
/proofs/<uuid:proof_id>                                     GET         client practitioner staff
/proofs/<uuid:proof_id>/accept                              POST        practitioner staff
/proofs/<uuid:proof_id>/reject                              POST        practitioner staff
/receipts                                                   GET         members
/receipts/<uuid:receipt_id>                                 GET         client practitioner staff
/receipts/<uuid:receipt_id>.pdf                             GET         client practitioner staff
/wallet                                                     GET         clients
/wallet/gifts                                               POST        clients
/wallet/payouts                                             POST        clients
/wallet/top-ups                                             POST        clients
/gifts                                                      GET POST    clients
/gifts/<uuid:gift_id>/cancel                                POST        client
/packages                                                   GET         clients
/packages/<uuid:package_id>/refund                          POST        client
/packages/offers/<int(max=2147483647):offer_id>/buy         POST        clients

/questions                                                  GET         members
/questions/<uuid:consultation_id>                           GET         client practitioner
/questions/<uuid:consultation_id>/answer                    POST        practitioner
/questions/<uuid:consultation_id>/close                     POST        practitioner
/questions/<uuid:consultation_id>/decline                   POST        practitioner
/questions/<uuid:consultation_id>/files/<uuid:file_id>      GET         client practitioner
/questions/<uuid:consultation_id>/messages                  POST        client practitioner
/questions/<uuid:consultation_id>/read                      POST        client practitioner
/ratings                                                    GET         members
/ratings/<uuid:rating_id>                                   GET         client practitioner staff
/ratings/<uuid:rating_id>/answer                            POST        practitioner
/ratings/<uuid:rating_id>/hide                              POST        staff
/ratings/<uuid:rating_id>/show                              POST        staff

/history                                                    GET         members
/history.csv                                                GET         members
/practice                                                   GET         practitioners
/practice/approve                                           POST        practitioners
/practice/blocked                                           GET         practitioners
/practice/bookings                                          GET         practitioners
/practice/calendars                                         GET POST    practitioners
/practice/clients/<int(max=2147483647):client_id>/block     POST        practitioner
/practice/clients/<int(max=2147483647):client_id>/unblock   POST        practitioner
/practice/calendars/<int(max=2147483647):feed_id>/remove    POST        practitioner
/practice/disputes                                          GET         practitioners
/practice/disputes/<int(max=2147483647):dispute_id>         GET         practitioner
/practice/disputes/<int(max=2147483647):dispute_id>/messages  POST      practitioner
/practice/disputes/<int(max=2147483647):dispute_id>/take-back  POST     practitioner
/practice/disputes/<int(max=2147483647):dispute_id>/words   POST        practitioner
/practice/forms                                             GET         practitioners
/practice/forms/<int:paper_id>                              GET POST    practitioner
/practice/forms/<int:paper_id>/versions/<int:number>        GET         practitioner
/practice/forms/new/<any(intake, agreement):kind>           GET POST    practitioners
/practice/found                                             GET POST    practitioners
/practice/now                                               POST        practitioners
/practice/packages                                          GET POST    practitioners
/practice/packages/<uuid:package_id>/refund                 POST        practitioner
/practice/packages/offers/<int(max=2147483647):offer_id>/withdraw  POST  practitioner
/practice/profile                                           GET POST    practitioners
/practice/profile/photo                                     POST        practitioners
/practice/profile/photo/remove                              POST        practitioners
/practice/ratings                                           GET         practitioners
/practice/schedule                                          GET         practitioners
/practice/schedule/days                                     GET POST    practitioners
/practice/schedule/days/<int(max=2147483647):exception_id>/remove  POST  practitioner
/practice/schedule/holidays                                 GET POST    practitioners
/practice/schedule/holidays/worked                          POST        practitioners
/practice/schedule/hours                                    GET POST    practitioners
/practice/schedule/notice                                   GET POST    practitioners
/practice/schedule/off                                      GET POST    practitioners
/practice/schedule/off/<int(max=2147483647):time_off_id>/remove  POST  practitioner
/practice/services                                          GET         practitioners
/practice/services/<int(max=2147483647):service_id>         GET POST    practitioner
/practice/services/new                                      GET POST    practitioners
/practice/services/ways                                     GET         practitioners
/practice/statements                                        GET         practitioners staff
/practice/statements/<month>                                GET         practitioners
/practice/statements/<month>.csv                            GET         practitioners
/practice/statements/<month>.pdf                            GET         practitioners
/practice/tax                                               GET POST    practitioners

/staff                                                      GET         staff
/staff/audit                                                POST        staff
/staff/doctor                                               GET POST    staff
/staff/events/<int(max=2147483647):entry_id>/dismiss        POST        staff
/staff/events/<int(max=2147483647):entry_id>/replay         POST        staff
/staff/find                                                 GET         staff
/staff/house                                                GET         staff
/staff/house/<any(privacy, terms, imprint):kind>            GET POST    staff
/staff/house/connections                                    GET POST    staff
/staff/house/contact                                        GET POST    staff
/staff/house/joining                                        GET POST    staff
/staff/house/letter                                         POST        staff
/staff/house/logo                                           POST        staff
/staff/house/logo/remove                                    POST        staff
/staff/house/look                                           GET POST    staff
/staff/invitations                                          GET POST    staff
/staff/invitations/<int(max=2147483647):invitation_id>/withdraw  POST   staff
/staff/messages                                             GET         staff
/staff/messages/<int(max=2147483647):delivery_id>/mail      POST        staff
/staff/payments/<uuid:attempt_id>                           GET         staff
/staff/payments/<uuid:attempt_id>/ask                       POST        staff
/staff/payments/<uuid:attempt_id>/receipt                   POST        staff
/staff/payments/<uuid:attempt_id>/refund                    POST        staff
/staff/payouts/<uuid:payout_id>/<any(settle, refuse):act>   POST        staff
/staff/people                                               GET         staff
/staff/people/<int(max=2147483647):user_id>                 GET         staff
/staff/people/<int(max=2147483647):user_id>/<any(suspend, restore, role, logout, second_step):act>  GET POST  staff
/staff/queues/<name>                                        GET         staff
/staff/disputes                                             GET         staff
/staff/disputes/<int(max=2147483647):dispute_id>            GET         staff
/staff/disputes/<int(max=2147483647):dispute_id>/answer     POST        staff
/staff/disputes/<int(max=2147483647):dispute_id>/paper      POST        staff
/staff/disputes/<int(max=2147483647):dispute_id>/<any(won, lost):end>  POST  staff
/staff/refunds/<uuid:refund_id>/<any(retry, chase, credit, by_hand, before, not_owed, agree, withdraw):remedy>  POST  staff
/staff/reviews/<int(max=2147483647):review_id>/resolve      POST        staff
/staff/statement                                            GET POST    staff
/staff/stops                                                GET         staff
/staff/trail                                                GET         staff
/staff/trail.csv                                            GET POST    staff

/api/v1/openapi.json                                        GET         anybody
/api/v1/auth/register                                       POST        anybody
/api/v1/auth/prove                                          POST        anybody
/api/v1/auth/code                                           POST        anybody
/api/v1/auth/token                                          POST        anybody
/api/v1/auth/tokens                                         GET         members
/api/v1/auth/tokens/<int(max=2147483647):login_id>/end      POST        client
/api/v1/auth/logout                                         POST        members
/api/v1/me                                                  GET         members
/api/v1/me/tasks                                            GET         members
/api/v1/me/phone/code                                       POST        members
/api/v1/me/phone/prove                                      POST        members
/api/v1/me/erase                                            GET         members
/api/v1/me/erase                                            POST        clients
/api/v1/me/export                                           POST        members
/api/v1/practitioners                                       GET         anybody
/api/v1/practitioners/<slug>                                GET         anybody
/api/v1/practitioners/<slug>/packages                       GET         anybody
/api/v1/practitioners/<slug>/questions                      POST        clients
/api/v1/practitioners/<slug>/ratings                        GET         anybody
/api/v1/services/<int(max=2147483647):service_id>/instant   GET         anybody
/api/v1/services/<int(max=2147483647):service_id>/rules     GET POST    practitioner
/api/v1/services/<int(max=2147483647):service_id>/slots     GET         anybody
/api/v1/services/<int(max=2147483647):service_id>/waits     POST        clients
/api/v1/waits                                               GET         members
/api/v1/waits/<uuid:wait_id>/leave                          POST        client

/api/v1/bookings                                            GET         members
/api/v1/bookings                                            POST        clients
/api/v1/bookings/instant                                    POST        clients
/api/v1/bookings/<uuid:booking_id>                          GET         client practitioner staff
/api/v1/bookings/<uuid:booking_id>/approve                  POST        practitioner staff
/api/v1/bookings/<uuid:booking_id>/cancel                   POST        client practitioner staff
/api/v1/bookings/<uuid:booking_id>/absent                   POST        staff
/api/v1/bookings/<uuid:booking_id>/give-back                POST        practitioner staff
/api/v1/bookings/<uuid:booking_id>/nobody-came              POST        client
/api/v1/bookings/<uuid:booking_id>/took-place               POST        staff
/api/v1/bookings/<uuid:booking_id>/was-there                POST        client
/api/v1/bookings/<uuid:booking_id>/what-happened            POST        client practitioner
/api/v1/bookings/<uuid:booking_id>/complete                 POST        practitioner staff
/api/v1/bookings/<uuid:booking_id>/decline                  POST        practitioner staff
/api/v1/bookings/<uuid:booking_id>/end-call                 POST        client practitioner
/api/v1/bookings/<uuid:booking_id>/forms                    GET         client practitioner staff
/api/v1/bookings/<uuid:booking_id>/forms/<int(max=2147483647):paper_id>  GET  client practitioner
/api/v1/bookings/<uuid:booking_id>/forms/<int(max=2147483647):paper_id>/sign  POST  client
/api/v1/bookings/<uuid:booking_id>/link                     POST        practitioner
/api/v1/bookings/<uuid:booking_id>/no-show                  POST        practitioner staff
/api/v1/bookings/<uuid:booking_id>/note                     POST        client practitioner
/api/v1/bookings/<uuid:booking_id>/notes                    GET         client practitioner staff
/api/v1/bookings/<uuid:booking_id>/rate                     POST        client
/api/v1/bookings/<uuid:booking_id>/rate-client              POST        practitioner
/api/v1/bookings/<uuid:booking_id>/reschedule               POST        client practitioner staff
/api/v1/bookings/<uuid:booking_id>/reschedule/accept        POST        client practitioner staff
/api/v1/bookings/<uuid:booking_id>/reschedule/reject        POST        client practitioner staff
/api/v1/bookings/<uuid:booking_id>/reschedule/withdraw      POST        client practitioner staff
/api/v1/bookings/<uuid:booking_id>/start                    POST        client practitioner staff
/api/v1/bookings/<uuid:booking_id>/start-call               POST        client practitioner
/api/v1/bookings/<uuid:booking_id>/verify-payment           POST        practitioner staff
/api/v1/bookings/<uuid:booking_id>/waive                    POST        practitioner staff
/api/v1/sessions/<int(max=2147483647):slot_id>              GET         practitioner staff
/api/v1/sessions/<int(max=2147483647):slot_id>/cancel       POST        practitioner staff

/api/v1/checkouts/<uuid:checkout_id>                        GET         client staff
/api/v1/checkouts/<uuid:checkout_id>/attempts               POST        client
/api/v1/checkouts/<uuid:checkout_id>/cancel                 POST        client staff
/api/v1/checkouts/<uuid:checkout_id>/offer                  POST        client
/api/v1/checkouts/<uuid:checkout_id>/proof                  POST        client
/api/v1/checkouts/<uuid:checkout_id>/receipt                POST        client
/api/v1/receipts                                            GET         members
/api/v1/receipts/<uuid:receipt_id>                          GET         client practitioner staff
/api/v1/receipts/<uuid:receipt_id>.pdf                      GET         client practitioner staff
/api/v1/wallet                                              GET         members
/api/v1/wallet/payouts                                      POST        clients
/api/v1/wallet/top-ups                                      POST        clients
/api/v1/gifts                                               GET         members
/api/v1/gifts                                               POST        clients
/api/v1/gifts/redeem                                        POST        clients
/api/v1/gifts/<uuid:gift_id>                                GET         client
/api/v1/gifts/<uuid:gift_id>/cancel                         POST        client staff
/api/v1/package-offers                                      GET POST    practitioners
/api/v1/package-offers/<int(max=2147483647):offer_id>/buy   POST        clients
/api/v1/package-offers/<int(max=2147483647):offer_id>/withdraw  POST  practitioner
/api/v1/packages                                            GET         members
/api/v1/packages/<uuid:package_id>                          GET         client practitioner staff
/api/v1/packages/<uuid:package_id>/refund                   POST        client practitioner staff

/api/v1/consultations                                       GET         members
/api/v1/consultations/<uuid:consultation_id>                GET         client practitioner
/api/v1/consultations/<uuid:consultation_id>/answer         POST        practitioner
/api/v1/consultations/<uuid:consultation_id>/close          POST        practitioner
/api/v1/consultations/<uuid:consultation_id>/decline        POST        practitioner
/api/v1/consultations/<uuid:consultation_id>/files/<uuid:file_id>  GET  client practitioner
/api/v1/consultations/<uuid:consultation_id>/messages       POST        client practitioner
/api/v1/consultations/<uuid:consultation_id>/read           POST        client practitioner
/api/v1/ratings                                             GET         members
/api/v1/ratings/<uuid:rating_id>                            GET         client practitioner staff
/api/v1/ratings/<uuid:rating_id>/answer                     POST        practitioner
/api/v1/ratings/<uuid:rating_id>/hide                       POST        staff
/api/v1/ratings/<uuid:rating_id>/show                       POST        staff
/api/v1/forms                                               GET POST    practitioners
/api/v1/forms/<int(max=2147483647):paper_id>                POST        practitioner
/api/v1/practice/available                                  POST        practitioners
/api/v1/practice/holidays                                   GET POST    practitioners
/api/v1/practice/notice                                     GET POST    practitioners
/api/v1/practice/time-off                                   GET POST    practitioners
/api/v1/practice/time-off/<int(max=2147483647):time_off_id>/remove  POST  practitioner
/api/v1/services/<int(max=2147483647):service_id>/class-times  POST  practitioner
/api/v1/statements                                          GET         practitioners
/api/v1/statements/<month>                                  GET         practitioners
/api/v1/tax                                                 GET POST    practitioners
"""


@dataclass(frozen=True)
class Row:
    """To whom a route answers in these verbs."""

    rule: str
    verbs: frozenset[str]
    who: frozenset[str]


_LINE = re.compile(r"(?P<rule>/.*?) {2,}(?P<verbs>GET POST|GET|POST) {2,}(?P<who>.*)")


def _row(line: str) -> Row:
    found = _LINE.fullmatch(line)
    assert found, f"not a row: {line}"
    return Row(found["rule"], frozenset(found["verbs"].split()), frozenset(found["who"].split()))


ROWS = [_row(line) for line in _TABLE.splitlines() if line]
