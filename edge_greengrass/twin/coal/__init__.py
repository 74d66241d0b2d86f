"""A 300 MW coal unit, one module for each step of the gas: boiler, SCR, ESP, wet FGD, stack."""
