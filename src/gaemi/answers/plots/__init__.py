"""Charts of results. These modules import the chart library; the door to them is :mod:`gaemi.answers.charts`."""
