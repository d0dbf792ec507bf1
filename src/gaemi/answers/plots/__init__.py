"""Charts of results as Vega-Lite documents. The door to them is :mod:`gaemi.answers.charts`."""
