"""Amounts: minor units and an ISO 4217 code."""

from app.domain.money import Money, MoneyError

__all__ = ["Money", "MoneyError"]
