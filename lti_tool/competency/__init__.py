"""The requirements, the mapping, the evidence and what follows from them. Knows neither LTI nor grades sent."""
