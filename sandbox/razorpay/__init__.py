"""Razorpay: the API under /razorpay/v1, checkout.js and the hosted page, webhooks to <app>/callbacks/razorpay."""
