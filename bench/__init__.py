"""Speed and memory, side by side with other ways of doing the same. ``python bench/run.py`` runs all of it."""
