// Parts of a page that move by themselves.  An element with data-live="order tender" and hx-trigger="live" is fetched
// anew when something of these nouns happened ("*": anything), at most twice a second, and not while somebody fills in
// a field in it.  [data-live-order="<id>"] somewhere on the page narrows the stream to one order.
// A tab that nobody looks at has no stream: browsers open few connections to a site at once.

const GAP = 500;
const AGAIN = 3000;
const LATEST = 60000; // who is refused asks less and less often; what the page looks up by itself goes on
const due = new Map(); // element -> timer
const last = new WeakMap(); // element -> when it was fetched last
let stream = null;
let opened = 0;
let timer = 0;
let pause = AGAIN;

const parts = () => [...document.querySelectorAll("[data-live]")];
const isBusy = (part) =>
  part.querySelector("dialog[open], details.menu[open]") !== null ||
  (part.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), textarea, select"));

function refresh(part) {
  if (due.has(part)) return;
  const wait = Math.max(0, (last.get(part) ?? 0) + GAP - Date.now());
  due.set(part, setTimeout(() => {
    due.delete(part);
    if (!part.isConnected || document.hidden) return;
    if (isBusy(part)) {
      last.set(part, Date.now());
      refresh(part);
      return;
    }
    last.set(part, Date.now());
    part.dispatchEvent(new CustomEvent("live"));
  }, wait));
}

function happened(kinds) {
  const nouns = new Set(kinds.map((kind) => kind.split(".")[0]));
  for (const part of parts()) {
    const wanted = part.dataset.live.split(" ");
    if (wanted.includes("*") || wanted.some((noun) => nouns.has(noun))) refresh(part);
  }
}

function open() {
  clearTimeout(timer);
  if (stream || document.hidden || parts().length === 0) return;
  const order = document.querySelector("[data-live-order]")?.dataset.liveOrder;
  const from = document.querySelector("[data-live-from]")?.dataset.liveFrom;
  stream = new EventSource(from ?? "/desk/live" + (order ? `?order=${encodeURIComponent(order)}` : ""));
  stream.addEventListener("happened", (event) => happened(JSON.parse(event.data).kinds));
  stream.addEventListener("ended", () => location.reload());
  stream.addEventListener("open", () => {
    document.documentElement.dataset.stream = "open";
    pause = AGAIN;
    // What happened while nobody listened is caught up with; after the page was made, hardly anything can have.
    if (opened++ > 0) parts().forEach(refresh);
  });
  stream.addEventListener("error", () => {
    document.documentElement.dataset.stream = "lost";
    if (stream?.readyState !== EventSource.CLOSED) return;
    close();
    timer = setTimeout(open, pause);
    pause = Math.min(2 * pause, LATEST);
  });
}

function close() {
  stream?.close();
  stream = null;
}

// What somebody opened stays open.
const unfolded = new WeakMap(); // part -> what was open in it
document.addEventListener("htmx:before:swap", (event) => {
  const part = event.target.closest?.("[data-live]");
  if (part) unfolded.set(part, [...part.querySelectorAll("details[open]")]);
});
document.addEventListener("htmx:after:swap", (event) => {
  const part = event.target.closest?.("[data-live]");
  for (const details of unfolded.get(part) ?? []) details.open = true;
});

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
open();
