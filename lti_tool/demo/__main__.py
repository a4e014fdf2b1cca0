"""`python -m lti_tool.demo`: the child process that `lti-tool demo` starts. It prints nothing but errors."""

from __future__ import annotations

import argparse
import signal
import sys

import requests

from lti_tool.demo.registration import RegistrationFailed
from lti_tool.demo.running import run


def main() -> int:
    """Run the LMS until it is told to stop; 1 when the tool cannot be reached or registered."""
    parser = argparse.ArgumentParser(prog="python -m lti_tool.demo", description="A small LMS to try the tool with.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on, part of the issuer")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--tool", required=True, help="where the tool answers, such as http://localhost:8080")
    parser.add_argument("--invite", required=True, help="the URL that `lti-tool platform invite` printed")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(chosen.host, chosen.port, chosen.tool, chosen.invite)
    except (OSError, TimeoutError, RegistrationFailed, requests.RequestException) as error:
        sys.stderr.write(f"demonstration LMS: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
