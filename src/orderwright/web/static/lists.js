// Lists: how many rows are selected, and rows that show it.

document.addEventListener("change", (event) => {
  const form = event.target.closest("#bulk");
  if (!form) return;
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  for (const box of boxes) box.closest("tr").classList.toggle("chosen", box.checked);
  const words = form.querySelector("[data-chosen]");
  const chosen = boxes.filter((box) => box.checked).length;
  if (words) words.textContent = chosen && !form.querySelector("[data-all]")?.checked ? `${chosen} ${words.dataset.words}` : "";
});

// A view keeps what the list shows now, which a search may have changed since the page came.
document.querySelector("#save-view form")?.addEventListener("submit", (event) => {
  const asked = document.querySelector("#bulk input[name=asked]");
  if (asked) event.target.elements.asked.value = asked.value;
});
