"""Who takes part and where: persons, courses, memberships, activities. Knows no LTI."""
