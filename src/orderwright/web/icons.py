"""The drawings of the desk and the shop: paths on a grid of 24."""

# Drawn for this shop on a grid of 24, with strokes of the text's colour.
ICONS = {
    "board": '<path d="M4 13h6V4H4zM14 20h6V4h-6zM4 20h6v-3H4z"/>',
    "orders": '<path d="M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6"/>',
    "alert": '<path d="M12 4 2.8 20h18.4zM12 10v4M12 17v.5"/>',
    "stock": '<path d="m12 3 8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9"/>',
    "people": (
        '<path d="M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 '
        '4.5a3.5 3.5 0 0 1 0 6M18 14.5c2.2.8 3.5 2.7 3.5 5.5"/>'
    ),
    "letter": '<path d="M3 6h18v12H3zM3 7l9 7 9-7"/>',
    "settings": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5"/>',
    "search": '<path d="M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "cross": '<path d="m6 6 12 12M18 6 6 18"/>',
    "arrow": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "back": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "down": '<path d="m6 9 6 6 6-6"/>',
    "truck": (
        '<path d="M2 6h12v11H2zM14 10h4l4 4v3h-8zM6.5 19.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM17.5 19.5a2 2 0 1 0 '
        '0-4 2 2 0 0 0 0 4z"/>'
    ),
    "money": '<path d="M3 6h18v12H3zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 9v.5M18 14.5v.5"/>',
    "print": '<path d="M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z"/>',
    "download": '<path d="M12 3v12M7 11l5 5 5-5M4 20h16"/>',
    "upload": '<path d="M12 16V4M7 8l5-5 5 5M4 20h16"/>',
    "edit": '<path d="M4 20h4L20 8l-4-4L4 16zM13 7l4 4"/>',
    "clock": '<path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2"/>',
    "pause": '<path d="M8 5v14M16 5v14"/>',
    "note": '<path d="M5 4h14v11l-5 5H5zM14 20v-5h5"/>',
    "tag": '<path d="M4 4h8l8 8-8 8-8-8zM8.5 8v.5"/>',
    "pin": (
        '<path d="M12 21s7-6.4 7-11.5a7 7 0 0 0-14 0C5 14.6 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"/>'
    ),
    "cart": '<path d="M3 4h3l2.5 11H18l2.5-8H7M9.5 20v.5M17 20v.5"/>',
    "gift": (
        '<path d="M4 12h16v9H4zM3 8h18v4H3zM12 8v13M12 8c-5 0-6-4-3.5-4.5S12 8 12 8c0-.5 1-5 3.5-4.5S17 8 12 8z"/>'
    ),
    "lock": '<path d="M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4"/>',
    "copy": '<path d="M9 9h11v11H9zM15 9V4H4v11h5"/>',
    "more": '<path d="M5 12h.5M12 12h.5M19 12h.5"/>',
    "moon": '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
}
