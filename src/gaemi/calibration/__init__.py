"""Calibration: the parameters of behaviour that no publication gives, fitted on balances to the end of 2019.

``objective`` is the written procedure and its loss; ``unsettled`` the same for forced sales of unsettled purchases;
``search`` finds the fit and says what the data do not tell; ``view`` makes the answer and ``files`` its folder.
``adapters`` shows the same model in the shapes that other tools expect; ``sensitivity`` says which parameters matter.
"""
