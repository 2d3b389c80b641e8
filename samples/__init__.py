"""Plays the upstream of the demo: fetches public data, delivers it as raw files. The platform does not know it."""
