"""The one error that ends a run with one line, which says what to do."""


class Trouble(Exception):
    pass
