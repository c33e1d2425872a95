// What pages do by themselves: dialogs, the command palette, keys, and toasts that leave.  They work without it.

const dialogOf = (id) => document.getElementById(id);
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

// Dialogs: a button with data-opens="id" opens one, one with data-closes closes its own; a click beside it closes it too.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    opener.closest("details.menu")?.removeAttribute("open");
    const dialog = dialogOf(opener.dataset.opens);
    dialog?.showModal();
    dialog?.querySelector("input:not([type=hidden]), select, textarea")?.focus(); // rather than the cross
    return;
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

// Keys: Ctrl-K finds anything, ? lists the keys, g and a letter go somewhere, j and k walk through a list.
let first = "";
let firstAt = 0;
document.addEventListener("keydown", (event) => {
  const palette = dialogOf("palette");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    palette.showModal();
    palette.querySelector("input").select();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const now = Date.now();
  const both = now - firstAt < 1000 ? `${first} ${event.key}` : "";
  [first, firstAt] = [event.key, now];
  const place = both && [...document.querySelectorAll("[data-keys]")].find((link) => link.dataset.keys === both);
  if (place) {
    event.preventDefault();
    place.click();
  } else if (event.key === "?") {
    dialogOf("shortcuts")?.showModal();
  } else if (event.key === "/") {
    const search = document.querySelector("main input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  } else if (event.key === "j" || event.key === "k") {
    walk(event.key === "j" ? 1 : -1);
  } else if (event.key === "x") {
    document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click();
  } else if (event.key === "e") {
    document.querySelector("[data-edit]")?.click();
  }
});

function walk(step) {
  const rows = [...document.querySelectorAll("main a[data-row]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement.closest("tr, li")?.querySelector("a[data-row]"));
  rows[Math.min(rows.length - 1, Math.max(0, at + step))].focus();
}

// The palette: arrows choose, Enter goes, but never to what was found for other words than those that stand there.
const palette = dialogOf("palette");
let goes = false; // Enter was pressed before the answer came
const plain = (words) => words.trim().split(/\s+/).join(" ");
const options = () => [...palette.querySelectorAll("[role=option]")];
const isAnswered = () => palette.querySelector("[data-asked]")?.dataset.asked === plain(palette.querySelector("input").value);
function go() {
  goes = !isAnswered();
  const found = options();
  if (!goes && found.length) (found.find((option) => option.getAttribute("aria-selected") === "true") ?? found[0]).click();
}
palette?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" || event.key === "Enter") event.preventDefault(); // a search field would empty itself first
  if (event.key === "Escape") palette.close();
  if (event.key === "Enter") go();
  const found = options();
  if (!found.length || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  event.preventDefault();
  const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
  choose(found, (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
});
palette?.addEventListener("input", () => { goes = false; });
palette?.addEventListener("close", () => { goes = false; });
document.addEventListener("htmx:after:swap", () => { if (goes && palette.open) go(); });

function choose(options, index) {
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
  options[index].scrollIntoView({ block: "nearest" });
  const input = palette.querySelector("input");
  if (options[index].id) input.setAttribute("aria-activedescendant", options[index].id);
}

// Toasts leave by themselves, but for those that say what went wrong: these stay longer.
const toasts = document.getElementById("toasts");
function dismiss(toast) {
  if (toast.dataset.leaves) return;
  toast.dataset.leaves = "yes";
  setTimeout(() => {
    toast.classList.add("leaving");
    setTimeout(() => toast.remove(), 450);
  }, toast.dataset.tone === "bad" ? 12000 : 5000);
  toast.addEventListener("click", () => toast.remove());
}
function show() {
  toasts.querySelectorAll(".toast").forEach(dismiss);
  toasts.removeAttribute("popover");
  if (toasts.childElementCount && document.querySelector("dialog:modal")) {
    toasts.popover = "manual"; // above the dialog, which lies above all else
    toasts.showPopover();
  }
}
if (toasts) {
  show();
  new MutationObserver(show).observe(toasts, { childList: true, subtree: true });
}

// An address to copy is selected as a whole.
document.addEventListener("focusin", (event) => event.target.matches("[data-selects]") && event.target.select());

// A form with data-confirm asks before it is sent; its words say what will happen.
document.addEventListener("submit", (event) => {
  const words = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (words && !window.confirm(words)) event.preventDefault();
});

// One box selects all rows of its table.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-selects-all]")) {
    for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]")) {
      box.checked = event.target.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
});

// What scrolls sideways is reached by keys, too: the arrows move it.
const sideways = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const watchSideways = () => document.querySelectorAll(".scroll:not([tabindex])").forEach((area) => sideways.observe(area));
watchSideways();
document.addEventListener("htmx:after:swap", watchSideways);
