"""Spans of OpenTelemetry: for each request, and for each statement."""
