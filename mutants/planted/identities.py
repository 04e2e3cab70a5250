"""Who somebody is: whose number, and who another provider says they are."""

from mutants.mutant import Mutant

_PHONES = "tests/services/accounts/test_phone_proofs.py"
_PROVIDERS = "tests/services/accounts/test_identities.py"
_FLOW = "app/lib/network/openid/code_flow.py"

MUTANTS = (
    Mutant(
        "any number gets SMS",
        "app/models/people.py",
        'return self.phone if self.phone and self.phone_proved_at else ""',
        'return self.phone or ""',
        f"{_PHONES}::test_a_number_that_anybody_may_have_typed_gets_no_sms_but_the_mail_goes",
    ),
    Mutant(
        "another number keeps the proof",
        "app/services/accounts/people.py",
        "            found.phone_proved_at = _taken_as_proved(profile.phone)\n",
        "",
        f"{_PHONES}::test_another_number_has_to_be_proved_anew_and_the_same_one_not",
    ),
    Mutant(
        "SMS go to every country",
        "app/services/notifications/sms.py",
        "return messenger() is not None and numbers.country_of(number) in countries()",
        "return messenger() is not None",
        f"{_PHONES}::test_no_sms_goes_to_other_countries_or_to_numbers_that_are_no_mobiles",
    ),
    Mutant(
        "SMS without end in a day",
        "app/services/notifications/sms.py",
        "        quotas.spend(keys, user_id=user.id, trusted=user.role is not Role.CLIENT or not user.email)\n",
        "        pass\n",
        f"{_PHONES}::test_ten_sms_reach_a_client_in_a_day_and_all_that_follows_is_mailed",
    ),
    Mutant(
        "what is not sent by SMS is lost",
        "app/services/notifications/notices.py",
        "Outcome.REFUSED)\n        _mail_instead(delivery.notification_id)\n",
        "Outcome.REFUSED)\n",
        f"{_PHONES}::test_a_number_that_the_carrier_refuses_has_its_mail_instead",
    ),
    Mutant(
        "codes to a number are counted per account only",
        "app/services/accounts/guessing.py",
        "        Rule.TEXTED_CODES_TO_NUMBER: number,\n",
        "",
        f"{_PHONES}::test_three_codes_an_hour_reach_a_number_whoever_asks",
    ),
    Mutant(
        "what is said of no address is said of the one asked for",
        _FLOW,
        'return {name: said.get(name) for name in ("email", "email_verified", "name")}',
        'return {name: said[name] for name in ("email", "email_verified", "name") if name in said}',
        f"{_PROVIDERS}::test_an_address_is_proved_where_it_is_said_and_not_by_a_word_beside_none",
    ),
    Mutant(
        "a mailbox has as many shares as spellings",
        "app/services/accounts/guessing.py",
        '    box, _, domain = kept.rpartition("@")\n',
        '    box, _, domain = address.strip().lower().rpartition("@")\n',
        "tests/services/accounts/test_guessing.py::test_no_spelling_of_an_address_fills_a_mailbox",
    ),
    Mutant(
        "guesses at an account are counted by how it is spelled",
        "app/services/accounts/guessing.py",
        "_keys(people.as_kept(email), origin, Rule.GUESSES,",
        "_keys(email.strip().lower(), origin, Rule.GUESSES,",
        "tests/services/accounts/test_guessing.py::test_an_address_in_letters_of_full_width_is_the_same_account",
    ),
    Mutant(
        "a code is looked at whatever address was counted",
        "app/services/accounts/credentials.py",
        "    if mailed_codes.address_of(code_id) != people.as_kept(email):\n",
        "    if not mailed_codes.address_of(code_id):\n",
        "tests/services/accounts/test_credentials.py"
        "::test_who_names_another_address_learns_nothing_of_a_code_and_costs_it_no_try",
    ),
    Mutant(
        "a device known to one account is known at every address",
        "app/blueprints/accounts/security.py",
        "guessing.before_code(email, origin(email))",
        "guessing.before_code(email, origin(person().email))",
        "tests/blueprints/test_account_pages.py::test_people_who_are_logged_in_fill_no_strangers_mailbox",
    ),
    Mutant(
        "any address links an account",
        "app/services/accounts/identities.py",
        "    if not claims.is_verified:\n",
        "    if not claims.email:\n",
        f"{_PROVIDERS}::test_an_address_that_is_not_proved_there_leads_nowhere",
    ),
    Mutant(
        "a word is a yes",
        _FLOW,
        'said.get("email_verified") is True',
        'bool(said.get("email_verified"))',
        f"{_PROVIDERS}::test_an_address_that_is_not_proved_there_leads_nowhere",
    ),
    Mutant(
        "the nonce is not compared",
        _FLOW,
        '{"nonce": nonce, "client_id"',
        '{"client_id"',
        f"{_PROVIDERS}::test_a_token_that_is_not_the_provider_s_word_to_us_now_logs_nobody_in",
    ),
    Mutant(
        "a token is not over when it is over",
        _FLOW,
        "claims.validate(now=int(clock.now().timestamp()), leeway=_LEEWAY)",
        "claims.validate(now=0, leeway=10**12)",
        f"{_PROVIDERS}::test_a_token_that_is_not_the_provider_s_word_to_us_now_logs_nobody_in",
    ),
    Mutant(
        "a journey ends as often as one likes",
        "app/services/accounts/identities.py",
        '    if not counters.try_first("journey", journey.state, LIFE):\n',
        "    if not journey.state:\n",
        f"{_PROVIDERS}::test_a_journey_ends_once_whoever_kept_a_copy_of_its_cookie",
    ),
    Mutant(
        "another's answer is taken for one's own",
        "app/blueprints/accounts/providers.py",
        'hmac.compare_digest(state.encode(), request.form.get("state", "").encode())',
        "True",
        f"{_PROVIDERS}::test_only_the_browser_that_set_out_comes_back_and_only_by_its_own_state",
    ),
    Mutant(
        "a provider's word is both factors",
        "app/blueprints/accounts/providers.py",
        "    return admit(user,",
        "    from app.blueprints.common.entering import welcome\n\n    return welcome(user,",
        f"{_PROVIDERS}::test_after_the_provider_whoever_has_a_second_factor_is_asked_for_it_as_everywhere",
    ),
    Mutant(
        "a suspended person comes in by another door",
        "app/services/accounts/identities.py",
        "        if user is None or not user.active:\n",
        "        if user is None:\n",
        f"{_PROVIDERS}::test_a_suspended_person_stays_outside_however_they_come",
    ),
    Mutant(
        "a provider's document leads inside",
        _FLOW,
        "allowed=frozenset({provider.host}), moves=0)",
        "allowed=frozenset({urlsplit(url).netloc}), moves=0)",
        f"{_PROVIDERS}::test_a_provider_s_document_leads_us_nowhere_inside_our_own_network",
    ),
)
