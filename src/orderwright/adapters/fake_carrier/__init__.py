"""The fake carrier: a carrier over real HTTP that brings nothing anywhere, and misbehaves on request.

Its parcels have a life of their own, by its own clock; nothing in here knows the shop's database.
"""
