"""What can happen to the feed itself."""

KINDS = {"feed.epoch_began": "The database was restored from a backup: a new epoch of the feed begins here."}
