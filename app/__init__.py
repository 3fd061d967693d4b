"""Tuntas: the SOP of a city's citizen reports, drawn as BPMN, is what really runs.

The application is built by `app.factory.create_app`; importing this package builds nothing.
"""
