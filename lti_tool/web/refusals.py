"""Words for what the rules refuse: one table from the code of an error to a sentence with its facts.

A code without a sentence of its own gets a general one and stands beside it, so that support can find it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lti_tool.errors import ToolError
from lti_tool.web.i18n import gettext as _

Facts = Mapping[str, object]


def told(error: ToolError) -> str:
    """The refusal as a sentence in the page's language."""
    return own_sentence(error) or _general(error)


def own_sentence(error: ToolError) -> str:
    """The sentence made for this code, with its facts; empty where there is none."""
    sentence = _SENTENCES.get(error.code)
    try:
        return sentence(error.facts) if sentence else ""
    except KeyError:
        return ""


def _general(error: ToolError) -> str:
    line = error.facts.get("line")
    if line is not None:
        return _("Line %(line)s cannot be taken (%(code)s). Nothing was stored.", line=line, code=error.code)
    return _("This cannot be taken (%(code)s). Nothing was stored.", code=error.code)


_SENTENCES: dict[str, Callable[[Facts], str]] = {
    # files
    "file_empty": lambda _f: _("The file is empty."),
    "file_too_large": lambda _f: _("The file is too large."),
    "too_many_rows": lambda f: _("The file has more than %(maximum)s rows.", **f),
    "not_text": lambda _f: _(
        "This is not a text file. Export the gradebook as plain text (CSV) and send it unchanged."
    ),
    "table_malformed": lambda f: _("The table is broken at line %(line)s. Nothing was stored.", **f),
    "row_length": lambda f: _(
        "Line %(line)s has %(found)s fields where the header has %(expected)s. Nothing was stored.", **f
    ),
    "workbook_unreadable": lambda _f: _("This workbook cannot be read. Save it anew as XLSX, or as CSV."),
    # results
    "unknown_headers": lambda _f: _(
        "The headers of this file are not known here. Say below what they mean and send the file again."
    ),
    "column_twice": lambda f: _("The file has the column %(column)s twice. Nothing was stored.", **f),
    "column_unknown": lambda _f: _("The file has no column with this number. Nothing was stored."),
    "column_number_faulty": lambda f: _("“%(found)s” is not the number of a column.", **f),
    "mark_unreadable": lambda f: _("Line %(line)s, %(column)s: “%(found)s” is not a mark. Nothing was stored.", **f),
    "person_twice": lambda f: _("Line %(line)s and line %(first)s name the same person. Nothing was stored.", **f),
    "time_unknown": lambda _f: _(
        "The file does not say when its marks were taken. Give the time below and send the file again."
    ),
    "time_unreadable": lambda f: _("“%(found)s” is not a time. Nothing was stored.", **f),
    "period_unreadable": lambda _f: _("A period is a number of days."),
    "period_too_short": lambda f: _("At least %(least)s days. Nothing was stored.", **f),
    "period_too_long": lambda f: _("At most %(most)s days. Nothing was stored.", **f),
    "date_unreadable": lambda _f: _("A day is written like 2026-11-22."),
    # grades sent
    "delivery_detached": lambda _f: _("This grade is detached: attach it again before it can be sent."),
    # mapping
    "mapping_header": lambda _f: _(
        "The first line must name the columns activity, indicator, weight, role, pass_mark. Nothing was stored."
    ),
    "mapping_faulty": lambda f: _(
        "Line %(line)s, %(column)s: “%(found)s” cannot be taken; %(expected)s is expected. Nothing was stored.", **f
    ),
    "mapping_twice": lambda f: _("Line %(line)s names a cell for the second time. Nothing was stored.", **f),
    "maximum_differs": lambda f: _(
        "Line %(line)s gives %(activity)s another full mark than line %(first)s. Nothing was stored.", **f
    ),
    "indicator_unknown": lambda f: _("Line %(line)s: there is no indicator %(indicator)s. Nothing was stored.", **f),
    "activity_ambiguous": lambda f: _(
        "Line %(line)s: several activities are named %(activity)s. Nothing was stored.", **f
    ),
    "activity_name_faulty": lambda _f: _("The name of an activity has 1 to 400 characters."),
    "mark_maximum_faulty": lambda f: _("“%(maximum)s” is no full mark; a number above 0 is expected.", **f),
    "mapping_choice_unknown": lambda f: _(
        "“%(value)s” is no entry of the mapping: 1 to 5, then ! for required or ? for optional. Nothing was stored.",
        **f,
    ),
    "cell_unknown": lambda _f: _("This page and the course no longer fit each other. Load the page again."),
    "form_not_ours": lambda _f: _("This form cannot be read. Load the page again."),
    "draft_changed_meanwhile": lambda _f: _(
        "The draft has changed since this preview was made. Nothing was published; here is what it would do now."
    ),
    # observations
    "observation_unknown": lambda f: _("“%(value)s” is no step of an observation. Nothing was stored.", **f),
    "self_assessment_empty": lambda _f: _("Nothing is answered yet, so there is nothing to hand in."),
    "self_assessment_handed_in": lambda _f: _(
        "This was handed in already, in another tab perhaps. Nothing more was stored."
    ),
    "record_unknown": lambda _f: _("You have no such record, or it was withdrawn."),
    "record_withdrawn": lambda _f: _("You have no such record, or it was withdrawn."),
    # templates
    "template_gone": lambda _f: _("There is no such template or course any more."),
    "template_ambiguous": lambda f: _("Several activities are named %(activity)s. Nothing was stored.", **f),
    "template_name_faulty": lambda f: _("The name of a template has 1 to %(maximum)s characters.", **f),
    "template_name_taken": lambda f: _("There is a template “%(name)s” already. Choose another name.", **f),
    "template_empty": lambda _f: _("This course maps nothing yet, so there is nothing to save."),
    "template_not_yours": lambda _f: _("Only who saved a template can delete it."),
    # rules
    "option_outside": lambda f: _(
        "“%(value)s” is outside what can be chosen here (%(option)s). Nothing was stored.", **f
    ),
    "option_faulty": lambda f: _("“%(value)s” cannot be taken here (%(option)s). Nothing was stored.", **f),
    "rules_changed_meanwhile": lambda _f: _(
        "Somebody else has changed the rules since this page was opened. Nothing was stored."
    ),
    # evidence tasks
    "file_missing": lambda _f: _("Choose a file first."),
    "file_name_faulty": lambda f: _(
        "The file's name cannot be taken. Give it a plain name of at most %(length)s letters.", **f
    ),
    "file_kind_refused": lambda f: _("This kind of file is not taken. Taken are: %(kinds)s.", **f),
    "file_name_deceives": lambda _f: _("The file's name has two endings. Rename it, so that it has one."),
    "file_content_differs": lambda f: _("What is in this file is no %(ending)s file, whatever its name says.", **f),
    "file_text_not_utf8": lambda _f: _(
        "This text has an encoding that is not known. Store it as UTF-8 and send it again, or paste it above."
    ),
    "file_unpacks_too_large": lambda _f: _("This document would unpack to far too much. It was not taken."),
    "no_room_for_files": lambda _f: _(
        "The server has no room for files at present. Nothing was stored; tell its operator, and try again later."
    ),
    "file_larger_than": lambda f: _("The file is larger than %(megabytes)s MB.", **f),
    "too_many_files": lambda f: _("There are %(most)s files already; take one out first.", **f),
    "text_too_long": lambda f: _("The text is longer than %(most)s letters. Nothing was stored.", **f),
    "too_many_links": lambda f: _("There are more than %(most)s links. Nothing was stored.", **f),
    "link_faulty": lambda f: _("“%(link)s” is no web address; it begins with https://. Nothing was stored.", **f),
    "nothing_to_hand_in": lambda _f: _("There is nothing to hand in yet: write something, or add a link or a file."),
    "draft_saved_elsewhere": lambda _f: _(
        "This draft was stored from another tab or device meanwhile. “Store the draft” shows both versions; "
        "join them, then store again."
    ),
    "handed_in_meanwhile": lambda _f: _("This work has been handed in meanwhile. What you typed stands on this page."),
    "task_changed_meanwhile": lambda _f: _(
        "Somebody else has changed this task meanwhile. What you typed stands below; storing again replaces theirs."
    ),
    "assessed_meanwhile": lambda _f: _(
        "Somebody else has assessed this meanwhile. Theirs and yours stand below; storing again replaces theirs."
    ),
    "indicator_not_of_task": lambda _f: _("The mapping of this task has changed. Load the page again."),
    "step_unknown": lambda _f: _("This form cannot be read. Load the page again."),
    "description_too_long": lambda f: _("A description has at most %(most)s letters. Nothing was stored.", **f),
    "described_meanwhile": lambda _f: _(
        "Somebody else has described these steps meanwhile. Theirs stands below yours; storing again replaces it."
    ),
    # decisions over marks
    "side_missing": lambda _f: _("Choose “Attained” or “Not attained”. Nothing was stored."),
    "reason_length": lambda f: _("Give a reason of %(least)s to %(most)s letters. Nothing was stored.", **f),
    "end_is_past": lambda _f: _("The last day is past already. Nothing was stored."),
    "own_record": lambda _f: _("Nobody decides over their own record. Nothing was stored."),
    "judged_meanwhile": lambda _f: _(
        "Somebody else has judged this indicator meanwhile. Theirs stands above and what you typed stands below;"
        " storing again adds yours."
    ),
    "already_decided": lambda _f: _(
        "A dispute on this indicator has been decided. Only the lead trainer or an institute admin decides anew."
    ),
    "not_lead": lambda _f: _("Only the lead trainer of the course or an institute admin decides this."),
    "lead_not_staff": lambda _f: _("Only somebody who teaches in this course can lead it. Nothing was stored."),
    "nothing_disputed": lambda _f: _("Nothing is disputed here any more. Nothing was stored."),
    "judgement_of_another": lambda _f: _("Only the person who judged can withdraw it. Nothing was stored."),
    # closing a course
    "course_closed": lambda _f: _("The course is closed: this is fixed until it is reopened. Nothing was stored."),
    "course_closed_already": lambda _f: _("The course is closed already."),
    "course_open_already": lambda _f: _("The course is open already."),
    "closing_changed_meanwhile": lambda _f: _(
        "Levels have changed since you looked. What closing does now stands below; nothing was closed."
    ),
    "levels_under_way": lambda _f: _("The levels still follow the latest change. Close the course when that is done."),
    "disputes_open": lambda _f: _("There are disputes to decide first. Nothing was closed."),
    "nothing_chosen": lambda _f: _("Nothing was chosen, and nothing has changed."),
    "case_changed_meanwhile": lambda _f: _("This case has changed meanwhile: look at it again. Nothing was stored."),
    # marks from Moodle
    "moodle_address_faulty": lambda _f: _("This is no address of a Moodle: it begins with https://."),
    "moodle_token_faulty": lambda _f: _("Give the token as Moodle shows it: letters and digits without spaces."),
    "native_item_unknown": lambda _f: _("This page and the course no longer fit each other. Load the page again."),
    # tokens for programs
    "token_name_faulty": lambda f: _("Say in 1 to %(most)s letters what the token is for. Nothing was stored.", **f),
    "token_days_faulty": lambda _f: _("Choose how long the token holds. Nothing was stored."),
    "too_many_tokens": lambda f: _(
        "There are %(most)s tokens in force already. Revoke one that nobody needs any more. Nothing was stored.", **f
    ),
    # registrations
    "address_refused": lambda f: (
        _("%(what)s: the tool calls https addresses only.", **f)
        if f["reason"] == "not_https"
        else _("%(what)s: the tool does not call inner addresses, unless the operator allows it.", **f)
        if f["reason"] == "inner_address"
        else _("%(what)s: this is no address that the tool can call.", **f)
    ),
    "id_faulty": lambda f: _("%(what)s: this is missing, too long, or has signs that cannot be seen.", **f),
    "deployment_exists": lambda f: _("The deployment %(deployment_id)s is there already.", **f),
    "deployment_name_faulty": lambda f: _("A name has at most %(most)s characters, in one line.", **f),
    "default_language_not_offered": lambda _f: _(
        "The language for everybody else must be one of those that are offered."
    ),
    # accounts
    "account_role_faulty": lambda _f: _("Choose what the account may do, and for which institute."),
    "login_faulty": lambda _f: _(
        "A name to enter with has 3 to 80 characters: Latin letters, digits, and between them also . _ - + @."
    ),
    "login_taken": lambda _f: _("There is an account with this name to enter with already."),
    "account_name_faulty": lambda f: _("A name has at most %(most)s characters, in one line.", **f),
    "password_short": lambda f: _("A password has at least %(least)s characters. Several words are easy to keep.", **f),
    "password_long": lambda f: _("A password has at most %(most)s characters.", **f),
    "password_common": lambda _f: _("This password would be among the first to be guessed. Take another."),
    "password_wrong": lambda _f: _("Your present password is another. Nothing was changed."),
    "passwords_differ": lambda _f: _("The new password was typed in two ways. Nothing was changed."),
    "code_wrong": lambda _f: _("This is not the code that your app shows now. Nothing was changed."),
    "last_operator": lambda _f: _("This is the last operator who can enter. Make another one first."),
    # versions of the requirements
    "day_faulty": lambda f: _("“%(found)s” is not a date. Nothing was stored.", **f),
    "dates_turned": lambda _f: _("It would end before it begins. Nothing was stored."),
    "framework_unreadable": lambda _f: _("This is no catalogue: the file is not JSON. Nothing was stored."),
    "framework_unnamed": lambda _f: _("The file does not say which version it is. Say it below and send it again."),
    "framework_version_taken": lambda f: _(
        "There is a version %(version)s with other content already, and a stored version never changes.", **f
    ),
    "crosswalk_header": lambda f: _("The table needs the columns %(expected)s. Nothing was stored.", **f),
    "crosswalk_line_unknown": lambda _f: _("This form cannot be read. Load the page again."),
    "crosswalk_codes_unknown": lambda f: _("There are no such indicators here: %(codes)s. Nothing was stored.", **f),
    "crosswalk_several_both": lambda _f: _(
        "Several old indicators have become several new ones: that are several lines. Nothing was stored."
    ),
    "crosswalk_changed_meanwhile": lambda _f: _(
        "Somebody else has changed this crosswalk meanwhile. Theirs stands below; nothing of yours was stored."
    ),
    "crosswalk_in_use": lambda _f: _("Courses were moved by the crosswalk that stands. Move them back first."),
    "crosswalk_of_others": lambda _f: _("These are not two versions of the same requirements."),
    "crosswalk_missing": lambda _f: _(
        "No crosswalk is confirmed between the version of this course and the other one."
    ),
    "course_has_certified": lambda _f: _(
        "This course was closed once: its certified levels speak of its version, and it stays there."
    ),
    "version_is_here": lambda f: _("The course is on version %(version)s already.", **f),
    "impact_changed_meanwhile": lambda _f: _(
        "Levels have changed since you looked. What moving does now stands below; nothing was moved."
    ),
    "workers_lost": lambda _f: _("Several workers broke off over it. Tell whoever runs this tool."),
    # deep linking
    "title_missing": lambda _f: _("Give the activity a title of at most 255 characters."),
    "title_twice": lambda f: _("Two activities would be called “%(title)s”: their marks could not be told apart.", **f),
    "too_many_picked": lambda f: _("At most %(most)s activities are placed at once.", **f),
    "indicator_not_offered": lambda f: _("“%(found)s” is no indicator with a weight from 1 to 5 and a role.", **f),
    "points_out_of_range": lambda f: _("The full mark is a whole number from 1 to %(most)s.", **f),
    "links_not_accepted": lambda _f: _("The LMS does not take links here."),
    "one_item_only": lambda _f: _("The LMS takes one activity at a time here."),
    "locale_unknown": lambda _f: _("This language is not known here."),
    # training sites
    "site_name_missing": lambda _f: _("Give the training site a name."),
    "site_name_long": lambda f: _("A name may have at most %(most)s characters.", **f),
    "site_name_taken": lambda f: _("There is a training site “%(name)s” already.", **f),
    "too_many_sites": lambda f: _("There are %(most)s training sites already.", **f),
    "site_note_long": lambda f: _("A note may have at most %(most)s characters.", **f),
    "site_note_without_state": lambda _f: _("Say what is there, too, where you write a note."),
    "site_date_ahead": lambda _f: _("The day on which you looked lies ahead."),
    "site_date_unreadable": lambda f: _("“%(found)s” is not a date.", **f),
}
