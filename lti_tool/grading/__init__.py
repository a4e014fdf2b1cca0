"""From a standing to a grade in the platform's gradebook: line items, scores, deliveries."""
