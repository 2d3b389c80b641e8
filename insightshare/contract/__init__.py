"""Contracts, pipelines and agreements: read, validate, render. Never touches AWS and never runs a pipeline.

Import from the module that holds the thing, so that a Lambda that needs only the facts carries no validator:
`facts` (frozen dataclasses, standard library only), `read` (`load_project`), `lint` (`lint`), `queries` (typed SQL
of a pipeline), `readme` (`render`), `problems` (`Problem`, `ProjectInvalid`).
"""
