"""The book view: a firm's accounts, from its tables to who breaks when."""
