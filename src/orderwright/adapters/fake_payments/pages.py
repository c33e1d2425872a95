"""The fake provider's pages for payers: fields for a card that shops frame, its own page for one, the bank's step.

They stand on the provider's own origin, so the shop never sees a card.  Between the frame and the shop's page go
messages: the shop asks `{"ask": "token"}`, and is answered `{"token": …}` or `{"problem": …}`.  Each side names the
other's origin and listens to no other.
"""

from html import escape

STYLE = """
:root { color-scheme: light dark; font: 400 16px/1.4 system-ui, sans-serif; }
body { margin: 0; background: transparent; }
body.page { max-width: 26rem; margin: 3rem auto; padding: 0 1rem; }
form { display: grid; gap: .75rem; grid-template-columns: 1fr 1fr; }
label { display: grid; gap: .25rem; font-size: .875rem; font-weight: 550; min-width: 0; }
label:first-of-type, p, .wide { grid-column: 1 / -1; }
input { font: inherit; font-size: 1rem; font-weight: 400; padding: .5rem .6rem; min-width: 0; width: 100%;
        box-sizing: border-box; border: 1px solid light-dark(#8a94a3, #6d7889); border-radius: 6px;
        background: light-dark(#fff, #151b23);
        color: inherit; }
input[aria-invalid] { border-color: light-dark(#b3261e, #ffb4ab); }
p { margin: 0; font-size: .875rem; }
.problem { color: light-dark(#b3261e, #ffb4ab); min-height: 1.25rem; }
button { font: inherit; font-weight: 600; padding: .6rem 1rem; border-radius: 6px; border: 1px solid; cursor: pointer; }
button.yes { background: light-dark(#1f5fbf, #8ab6f9); color: light-dark(#fff, #0b1a30); border-color: transparent; }
"""

SCRIPT = """
const shop = document.body.dataset.shop, form = document.querySelector('form');
const words = document.querySelector('.problem');
const answer = said => { if (shop) parent.postMessage(said, shop); };
addEventListener('message', async event => {
  if (event.origin !== shop || event.data?.ask !== 'token') return;
  const response = await fetch('/tokens', { method: 'POST', body: new URLSearchParams(new FormData(form)) });
  const said = await response.json();
  for (const input of form.elements) input.toggleAttribute('aria-invalid', input.name === said.field);
  words.textContent = said.problem ?? '';
  if (said.field) form.elements[said.field].focus();
  answer(said);
});
form.addEventListener('submit', event => { event.preventDefault(); answer({ submit: true }); });
answer({ ready: true });
"""

# The provider speaks two languages, as its frame is asked to: `/fields?…&language=de`.
GERMAN = {
    "Card number": "Kartennummer",
    "Valid until": "Gültig bis",
    "MM/YY": "MM/JJ",
    "Security code": "Prüfziffer",
    "This is not the number of a card.": "Das ist keine Kartennummer.",
    "Write it as on the card: month / year.": "Schreiben Sie es wie auf der Karte: Monat / Jahr.",
    "The card is no longer valid.": "Die Karte ist nicht mehr gültig.",
    "Three or four digits, from the card's back.": "Drei oder vier Ziffern von der Rückseite der Karte.",
}

FIELDS = """
<label>{words[Card number]} <input name="number" value="{number}" inputmode="numeric" autocomplete="cc-number"
 placeholder="4242 4242 4242 4242" required></label>
<label>{words[Valid until]} <input name="expiry" value="{expiry}" inputmode="numeric" autocomplete="cc-exp"
 placeholder="{words[MM/YY]}" required></label>
<label>{words[Security code]} <input name="code" inputmode="numeric" autocomplete="cc-csc" placeholder="123"
 maxlength="4" required></label>
<p class="problem" role="alert">{problem}</p>
"""


def said(text: str, language: str) -> str:
    """The same in a language, where the provider knows it."""
    return GERMAN.get(text, text) if language.startswith("de") else text


def framed(shop: str, language: str = "") -> str:
    """The field for a card, for a page of the shop at this origin."""
    spoken = "de" if language.startswith("de") else "en"
    blank = FIELDS.format(number="", expiry="", problem="", words=_words(spoken))
    asked = f'<input type="hidden" name="language" value="{spoken}">'
    return _page(
        said("Card number", spoken),
        f'<body data-shop="{escape(shop)}"><form autocomplete="on">{blank}{asked}<button hidden>Pay</button></form>',
        script=True,
        language=spoken,
    )


def _words(language: str) -> dict[str, str]:
    return {text: said(text, language) for text in GERMAN}


def own_page(amount: str, *, number: str = "", expiry: str = "", problem: str = "") -> str:
    """A page of the provider's own on which a payer gives a card: for browsers that run no scripts."""
    blank = FIELDS.format(number=escape(number), expiry=escape(expiry), problem=escape(problem), words=_words("en"))
    return _page(
        "Pay by card",
        f'<body class="page"><main><h1>Pay {escape(amount)}</h1><form method="post">{blank}'
        '<button class="yes wide">Pay</button><button class="wide" name="outcome" value="refuse" formnovalidate>'
        "Cancel</button></form></main>",
    )


def step(amount: str) -> str:
    """What the payer's bank asks: 3-D Secure."""
    return _page(
        "Confirm your payment",
        '<body class="page"><main><h1>The fake bank asks</h1><form method="post">'
        f"<p>Is it you who pays {escape(amount)}?</p>"
        '<button class="yes" name="outcome" value="agree">Yes</button>'
        '<button name="outcome" value="refuse">No</button></form></main>',
    )


def done() -> str:
    """What is said where there is no shop to go back to."""
    return _page("Done", '<body class="page"><main><h1>Done</h1><p>You may close this page.</p></main>')


def _page(title: str, body: str, *, script: bool = False, language: str = "en") -> str:
    scripts = '<script src="/fields.js" defer></script>' if script else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{title}</title><link rel="stylesheet" '
        f'href="/fields.css">{scripts}</head>{body}</body></html>'
    )
