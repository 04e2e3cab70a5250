"""Telling people: by mail, by SMS, in the app, in their calendars, as they prefer."""
