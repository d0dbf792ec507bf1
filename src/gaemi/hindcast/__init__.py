"""Forecasts of past episodes from what was known then, and their scores."""
