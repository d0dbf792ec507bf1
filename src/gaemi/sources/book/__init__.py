"""Readers of a book: four tables from files, folders, frames, object stores and databases, every row accounted for."""
