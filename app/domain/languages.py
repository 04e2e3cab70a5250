"""The languages Kikao speaks, by their codes: each has a catalogue in app/translations, but for English, the source."""

NAMES = {"en": "English", "sw": "Kiswahili", "hi": "हिन्दी", "fr": "Français", "ar": "العربية", "fa": "فارسی"}
RIGHT_TO_LEFT = frozenset({"ar", "fa"})
