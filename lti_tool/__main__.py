"""`python -m lti_tool` is `lti-tool`: the commands work from a checkout that was not installed."""

from lti_tool.cli import main

main(prog_name="lti-tool")
