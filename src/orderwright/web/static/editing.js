// Adding to an order: arrows go through what was found, Enter takes it, Escape goes back to what was typed.
const form = document.getElementById("edit");

form.addEventListener("keydown", (event) => {
  const input = form.querySelector("[data-finds]");
  const options = [...form.querySelectorAll("#found button")];
  const at = options.indexOf(document.activeElement);
  if (event.target !== input && at < 0) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? input : options[Math.min(next, options.length - 1)])?.focus();
  } else if (event.key === "Escape") {
    event.preventDefault();
    input.focus();
    input.select();
  } else if (event.key === "Enter" && event.target === input && options.length) {
    event.preventDefault();
    options[0].click();
  }
});

// What was just added is asked how many of it.
let adding = false;
form.addEventListener("click", (event) => {
  if (event.target.closest("#found button")) adding = true;
});
new MutationObserver(() => {
  const fresh = adding && form.querySelector("[data-added]");
  if (!fresh) return;
  adding = false;
  fresh.focus();
  fresh.select();
}).observe(form, { childList: true });
