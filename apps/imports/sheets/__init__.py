"""Spreadsheets of other forms, brought in as expressions of interest.

`reading` makes rows of text out of a file; `meanings` and `answers` say what its columns and the words in
them stand for; `checking` turns each row into an expression, a duplicate or a fault with its reason;
`services` keeps what was read until a chair confirms, imports it, and takes it back.
"""
