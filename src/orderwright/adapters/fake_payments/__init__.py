"""A payment provider that takes no money: its client, and the server that it talks to.

It ships with the product, for demos and tests, and is the example to read before a real one is written.
"""
