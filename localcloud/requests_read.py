"""How the web server reads requests where waitress reads them otherwise than S3's SDKs mean them. Answers nothing."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """A request that announces no body is whole without one, also where it expects to be told to go on.

    waitress 3.0.2 says 100 Continue and waits for that body for ever (2026-11-21); boto3 puts empty objects so.
    """

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.content_length == 0 and not self.chunked:
            self.expect_continue = False


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types
    """A connection that reads with our parser."""

    parser_class = Parser
