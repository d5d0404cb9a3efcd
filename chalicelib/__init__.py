"""Borgerpuls: appointments, service and honest surveys for Danish municipalities.

Direction of imports, held by import-linter: entrypoints -> bootstrap -> adapters -> domain -> shared.
`docs/ARCHITECTURE.md` traces one request and one stream event through these packages.
"""
