"""Coins: the country's exchange accounts, and the replays of Terra and of October 2025."""
