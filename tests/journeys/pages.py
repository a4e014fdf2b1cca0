"""Every page: who opens it, at which address, with which status. What must hold on all pages is tried on these lists.

A new route is one line: a page in one of the lists, anything else in NO_PAGES with its reason;
`test_listed_pages.py` fails on one that is in neither. Part of an address in braces is a place that was made for the
tests (`prepared.py`); SHAPES says what such an address looks like.
"""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.routing import Map

from tests.journeys.visits import ADMIN, AIGUL, OMURBEK, TRAINER

NOBODY = ""
OPERATOR = "operator"
Pages = Mapping[str, tuple[str, str, int]]
"""Name: who, address, status."""

READ: Pages = {
    "me": (AIGUL, "{course}/me", 200),
    "my competency": (AIGUL, "{course}/me/1.1", 200),
    "my record": (AIGUL, "{course}/me/record", 200),
    "my timeline": (AIGUL, "{course}/me/timeline", 200),
    "what next": (AIGUL, "{course}/me/next", 200),
    "my tasks": (AIGUL, "{course}/me/tasks", 200),
    "my badges": (AIGUL, "{course}/me/credentials", 200),
    "make a badge": (AIGUL, "{new_badge}", 200),
    "my badge": (AIGUL, "{badge}", 200),
    "withdraw my badge": (AIGUL, "{badge}/withdraw", 200),
    "badge for everybody": (NOBODY, "{tool}/credentials/{badge_id}", 200),
    "check of a badge": (NOBODY, "{tool}/verify/{badge_id}", 200),
    "badges of somebody": (ADMIN, "{carried}", 200),
    "revoke a badge": (ADMIN, "{carried}/{badge_id}/revoke", 200),
    "record on paper": (AIGUL, "{course}/me/record/paper", 200),
    "withdrawing a record": (AIGUL, "{withdraw}", 200),
    "check of a record": (NOBODY, "{check}", 200),
    "check of nothing": (NOBODY, "{tool}/verify/nosuch", 404),
    "group": (TRAINER, "{course}/group", 200),
    "task": (AIGUL, "{task}", 200),
    "task handed in": (OMURBEK, "{task}", 200),
    "queue": (TRAINER, "{course}/queue", 200),
    "assessing": (TRAINER, "{submission}", 200),
    "task's settings": (TRAINER, "{task}/settings", 200),
    "assessing read only": (ADMIN, "{submission}", 200),
    "group sorted and narrowed": (TRAINER, "{course}/group?sort=1.1&order=descending&text=Ток", 200),
    "mapping": (TRAINER, "{course}/mapping", 200),
    "mapping's preview": (TRAINER, "{course}/mapping/preview", 200),
    "mapping of the longest": (TRAINER, "{course}/mapping?competency=4.1", 200),
    "rules": (TRAINER, "{course}/rules", 200),
    "rules read only": (ADMIN, "{course}/rules", 200),
    "checklists": (TRAINER, "{course}/checklists", 200),
    "people": (TRAINER, "{course}/roster", 200),
    "templates": (TRAINER, "{course}/templates", 200),
    "results": (TRAINER, "{course}/results", 200),
    "native marks": (TRAINER, "{course}/native-marks", 200),
    "connection to Moodle": (ADMIN, "{tool}/institute/moodle", 200),
    "access for programs": (ADMIN, "{tool}/institute/api", 200),
    "about the API": (NOBODY, "{tool}/api/v1/", 200),
    "deliveries": (TRAINER, "{course}/deliveries", 200),
    "deliveries narrowed": (TRAINER, "{course}/deliveries?state=waiting&text=zzz", 200),
    "deliveries again": (TRAINER, "{course}/deliveries/again", 200),
    "decide about nothing": (TRAINER, "{course}/deliveries/decide", 200),
    "delivery's history": (TRAINER, "{delivery}", 200),
    "file in the making": (TRAINER, "{export}", 200),
    "somebody": (TRAINER, "{person}", 200),
    "somebody's competency": (TRAINER, "{person}/2.1", 200),
    "home": (TRAINER, "{tool}/", 200),
    "courses": (ADMIN, "{tool}/institute/courses", 200),
    "undelivered": (ADMIN, "{tool}/institute/deliveries", 200),
    "overview": (ADMIN, "{tool}/institute/overview", 200),
    "overview of a period": (ADMIN, "{tool}/institute/overview?from=2020-01&to=2020-02", 200),
    "map of levels": (ADMIN, "{tool}/institute/levels?level=1", 200),
    "map of levels by course": (ADMIN, "{tool}/institute/levels?by=courses", 200),
    "rows of a figure": (ADMIN, "{tool}/institute/levels/2.1/none", 200),
    "rows of participations": (ADMIN, "{tool}/institute/levels/2.1/none?count=participations", 200),
    "indicator over the institute": (ADMIN, "{tool}/institute/indicators/2.1.1.a", 200),
    "people of the institute": (ADMIN, "{tool}/institute/people", 200),
    "nobody found": (ADMIN, "{tool}/institute/people?q=zzz", 200),
    "person across courses": (ADMIN, "{person_of_institute}", 200),
    "statistics": (TRAINER, "{course}/statistics", 200),
    "training sites": (ADMIN, "{tool}/institute/readiness", 200),
    "training site": (ADMIN, "{site}", 200),
    "courses searched": (ADMIN, "{tool}/institute/courses?q=zzz", 200),
    "record": (ADMIN, "{tool}/institute/audit", 200),
    "record with a wrong day": (ADMIN, "{tool}/institute/audit?actor=kg-1&since=2026-13-01", 200),
    "periods": (ADMIN, "{tool}/institute/retention?look=people", 200),
    "my data": (AIGUL, "{tool}/me/data", 200),
    "somebody's data": (ADMIN, "{data}", 200),
    "erasing": (ADMIN, "{erase}", 200),
    "group of any course": (ADMIN, "{course}/group", 200),
    "versions of the requirements": (ADMIN, "{tool}/institute/requirements", 200),
    "crosswalk": (ADMIN, "{crosswalk}?line=29", 200),
    "courses to move": (ADMIN, "{moves}", 200),
    "course to move": (ADMIN, "{move}", 200),
    "closing": (TRAINER, "{course}/closing", 200),
    "descriptions of steps": (TRAINER, "{course}/rubric", 200),
    "describe steps": (TRAINER, "{course}/rubric/4.2.3.a", 200),
    "open decisions": (TRAINER, "{course}/decisions", 200),
    "judge": (TRAINER, "{person}/indicators/2.1.1.a", 200),
    "mapping read only": (ADMIN, "{course}/mapping", 200),
    "enter": (NOBODY, "{tool}/account/login", 200),
    "my account": (OPERATOR, "{tool}/account/", 200),
    "set codes up": (OPERATOR, "{tool}/account/codes", 200),
    "registrations": (OPERATOR, "{tool}/administration/registrations", 200),
    "registration": (OPERATOR, "{registration}", 200),
    "registration switched": (OPERATOR, "{registration}/switch", 200),
    "deployment removed": (OPERATOR, "{registration}/remove-deployment?id=1", 200),
    "registration by hand": (OPERATOR, "{tool}/administration/registrations/new", 200),
    "languages": (ADMIN, "{tool}/administration/languages", 200),
    "keys": (OPERATOR, "{tool}/administration/keys", 200),
    "keys rotated": (OPERATOR, "{tool}/administration/keys/rotate", 200),
    "accounts": (OPERATOR, "{tool}/administration/accounts", 200),
    "account": (OPERATOR, "{account}", 200),
    "codes dropped": (OPERATOR, "{account}/codes", 200),
    "account switched": (OPERATOR, "{account}/switch", 200),
    "new account": (OPERATOR, "{tool}/administration/accounts/new", 200),
    "not for me": (AIGUL, "{course}/group", 404),
    "not there": (NOBODY, "{tool}/nowhere", 404),
    "welcome": (NOBODY, "{tool}/", 200),
    "requirements": (NOBODY, "{tool}/framework/", 200),
    "aspect": (NOBODY, "{tool}/framework/4", 200),
    "competency": (NOBODY, "{tool}/framework/4.1", 200),
    "indicator": (NOBODY, "{tool}/framework/4.2.3.b", 200),
    "level": (NOBODY, "{tool}/framework/levels/2", 200),
    "glossary": (NOBODY, "{tool}/framework/glossary", 200),
    "about the document": (NOBODY, "{tool}/framework/document", 200),
    "search": (NOBODY, "{tool}/framework/search?q=окутуу", 200),
    "older version": (NOBODY, "{tool}/framework/versions/kg-ict-teachers/1.0/6.1", 200),
    "signed out": (NOBODY, "{course}/me", 401),
    "launch refused": (NOBODY, "{tool}/lti/login", 400),
    "no invitation": (NOBODY, "{tool}/lti/register", 403),
}
"""In the main course of the demonstration, its institute and its administration."""

NEW_COURSE: Pages = {
    "me in a new course": (AIGUL, "{course}/me", 200),
    "group of a new course": (TRAINER, "{course}/group", 200),
    "mapping of a new course": (TRAINER, "{course}/mapping", 200),
    "deliveries of a new course": (TRAINER, "{course}/deliveries", 200),
}
"""In a course in which nothing has happened yet."""

OWN: Pages = {
    "checklists of a course": (TRAINER, "{course}/checklists", 200),
    "checklist": (TRAINER, "{checklist}", 200),
    "observed": (AIGUL, "{observed}", 200),
    "self-assessment": (AIGUL, "{self}", 200),
    "self-assessments of the group": (TRAINER, "{self}/group", 200),
    "picker": (TRAINER, "{picker}", 200),
}
"""Of a trainer's own activities, in a demonstration of its own."""

ONCE = {
    "lti.show_parked": "test_pages_once.py",
    "registration.register": "test_pages_once.py",
}
"""Pages that open once and never again: the test that looks at them."""

FILE, JSON, PART = "a file", "JSON for programs", "a part of a page, fetched by its script"
NO_PAGES = {
    "api.course": JSON,
    "api.courses": JSON,
    "api.competency_statistics": JSON,
    "api.deliveries": JSON,
    "api.framework": JSON,
    "api.gradebook": JSON,
    "api.openapi": JSON,
    "api.person": JSON,
    "api.persons": JSON,
    "admin.courses_file": FILE,
    "admin.deliveries_file": FILE,
    "case.documents": JSON,
    "case.nothing": JSON,
    "case.one": JSON,
    "catalogue_files.catalogue_json": JSON,
    "catalogue_files.moodle": FILE,
    "credentials.achievement": JSON,
    "credentials.file": FILE,
    "credentials.issuer": JSON,
    "credentials.jwks": JSON,
    "credentials.key": JSON,
    "credentials.status": JSON,
    "exports.file": FILE,
    "exports.progress": PART,
    "following.progress": PART,
    "health.healthz": JSON,
    "health.readyz": JSON,
    "institute.indicator_file": FILE,
    "institute.levels_file": FILE,
    "institute.overview_file": FILE,
    "institute.people_file": FILE,
    "institute.person_file": FILE,
    "institute.report": FILE,
    "institute.rows_file": FILE,
    "institute_audit.download_csv": FILE,
    "institute_audit.download_ndjson": FILE,
    "institute_person.as_json": FILE,
    "institute_person.as_zip": FILE,
    "judging.matters_file": FILE,
    "lti.jwks": JSON,
    "lti.login": "leads to the LMS; refused, it is a page in READ",
    "mapping.download": FILE,
    "metrics.metrics": "figures for programs",
    "my_data.as_json": FILE,
    "my_data.as_zip": FILE,
    "paper.file": FILE,
    "participant.my_file": FILE,
    "participant.somebodys_file": FILE,
    "readiness.table": FILE,
    "requirements.download": FILE,
    "static": FILE,
    "statistics.file": FILE,
    "task.download": FILE,
    "trainer.deliveries_file": FILE,
    "trainer.group_file": FILE,
    "trainer.report": FILE,
    "trainer.roster_file": FILE,
}
"""Routes that answer no page, by endpoint: what they answer."""

SHAPES = {
    "tool": "",
    "course": "/c/1",
    "person": "/c/1/people/1",
    "task": "/c/1/tasks/1",
    "submission": "/c/1/queue/1",
    "delivery": "/c/1/deliveries/1",
    "export": "/exports/1",
    "checklist": "/c/1/checklists/1",
    "observed": "/c/1/observed/1",
    "self": "/c/1/self/1",
    "picker": "/c/1/select/1",
    "person_of_institute": "/institute/people/1",
    "data": "/institute/people/1/data",
    "erase": "/institute/people/1/erase",
    "new_badge": "/c/1/me/credentials/new/1",
    "badge": "/c/1/me/credentials/1",
    "badge_id": "1",
    "carried": "/institute/people/1/credentials",
    "check": "/verify/1",
    "withdraw": "/c/1/me/record/paper/1/withdraw",
    "site": "/institute/readiness/1",
    "crosswalk": "/institute/requirements/1/2",
    "moves": "/institute/requirements/moves/2",
    "move": "/institute/requirements/moves/2/1",
    "registration": "/administration/registrations/1",
    "account": "/administration/accounts/1",
}
"""What the address of a prepared place looks like."""


def reached(pages: Pages, routes: Map) -> set[str]:
    """The routes, by endpoint, that these pages open."""
    asked = routes.bind("tool.example.invalid")
    opened = (path.format(**SHAPES).partition("?")[0] for _who, path, status in pages.values() if status == 200)
    return {asked.match(path)[0] for path in opened}
