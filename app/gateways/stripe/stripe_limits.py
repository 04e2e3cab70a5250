"""How much Stripe takes at once, by currency: what docs/stripe.md says in words, as of READ_ON.

https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts. Money that does not fit is never begun; what these
tables cannot know (the day's rates, a card network's own limits) Stripe refuses by itself.
"""

from datetime import date

from app.gateways.stripe.stripe_facts import to_money

READ_ON = date(2026, 11, 30)

# The currencies we offer, each with about half a US dollar in our minor units, and never less than Stripe's own least amount
# where it names one. Stripe compares at the day's rate with the currency that the account is paid out in.
# UGX and ISK are left out on purpose: Stripe's page has UGX among the currencies without decimals and, further down, among
# those with two, and a guess is wrong by a hundred. Those with three decimals are too: a part that goes back must end in 0.
# fmt: off
MINIMUM: dict[str, int] = {
    "USD": 50, "EUR": 50, "GBP": 30, "CHF": 50, "CAD": 50, "AUD": 50, "NZD": 50, "SGD": 50, "HKD": 400, "BRL": 50,
    "AED": 200, "SAR": 200, "QAR": 200, "ILS": 200, "EGP": 2600, "MAD": 500, "TRY": 2000, "GEL": 150,
    "KES": 7500, "TZS": 150_000, "RWF": 800, "NGN": 85_000, "ZAR": 1000, "ETB": 8000, "ZMW": 1500,
    "BWP": 800, "NAD": 1000, "MUR": 2500, "MZN": 3500, "MWK": 90_000, "XOF": 350, "XAF": 350, "BIF": 1600,
    "INR": 5000, "PKR": 15_000, "BDT": 6500, "LKR": 16_000, "NPR": 7500, "IDR": 900_000, "MYR": 200, "PHP": 3000,
    "THB": 2000, "VND": 14_000, "JPY": 80, "KRW": 800, "TWD": 1700, "CNY": 400, "KZT": 28_000,
    "DKK": 350, "NOK": 600, "SEK": 550, "PLN": 200, "CZK": 1500, "HUF": 20_000, "RON": 250, "UAH": 2200,
    "MXN": 1000, "COP": 220_000, "CLP": 500, "PEN": 200, "ARS": 75_000, "UYU": 2200, "DOP": 3200,
}
# fmt: on

# How many digits an amount may have in Stripe's units. Nine is what every card takes, American Express too. More where nine
# are soon reached: ten and twelve where Stripe names the currency, and twelve, as Visa and Mastercard take it, where nine
# digits come to less than a few thousand dollars. What takes fewer digits is left off the page by Stripe.
EVERY_CARD = 9
DIGITS: dict[str, int] = {"COP": 10, "IDR": 12, "NGN": 12, "TZS": 12, "ARS": 12, "MWK": 12}

MAXIMUM: dict[str, int] = {each: to_money(10 ** DIGITS.get(each, EVERY_CARD) - 1, each).amount for each in MINIMUM}
