"""Where orders come from: files, shops and marketplaces, and the raw messages they sent."""
