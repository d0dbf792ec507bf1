"""The dated law: parameters with unit, source, confidence and range, and the reforms that patch them."""
