"""Stand-ins for Stripe, Razorpay and Safaricom Daraja, a phone and a mailbox: to try and test Kikao without accounts.

Nothing here imports from `app`: the sandbox is written from the vendors' documented behaviour, so that Kikao's
adapters are checked against something other than their own author's assumptions. Never used in production.
"""
