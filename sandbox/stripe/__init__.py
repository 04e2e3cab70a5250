"""Stripe: the API under /stripe/v1, the hosted page under /c/pay, webhooks to <app>/callbacks/stripe."""
