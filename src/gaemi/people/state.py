"""The state that ships: the date at whose close accounts stand unless the user says otherwise."""

from datetime import date

STATE_DATE = date(2025, 10, 31)
