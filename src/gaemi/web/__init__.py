"""The local site: pages and a JSON API over the same views, on your own machine (``gaemi serve``)."""
