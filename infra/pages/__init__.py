"""Answers for people: one HTML document that needs nothing else, no script and no request. Every family's page has the same design.

A family brings what is shown, as a `Page` of rows (`engine.report.rows`), and `infra.pages.answers` makes an answer of it.
Nothing of this is loaded before a page is asked for.
"""
