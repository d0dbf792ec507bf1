"""The state view: where the borrowers stand, rebuilt from published balances."""
