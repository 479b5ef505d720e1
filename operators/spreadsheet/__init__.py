"""Reads a list of people from an .xlsx file: the gate, the header, the rows, the sentences, the sheets that we write.

`container`, `headers` and `rows` run in the sandbox's helper too and import nothing of Django.
"""
