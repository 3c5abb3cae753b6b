"""The operators' command line: a client of `POST /api/operate/{verb}`. Nothing of the app imports it.

It needs what pyproject.toml calls the extra `cli`: Typer and Rich.
"""
