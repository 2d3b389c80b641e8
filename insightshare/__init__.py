"""Turns folders that describe insights into governed tables; this module holds only the version and the front door."""
