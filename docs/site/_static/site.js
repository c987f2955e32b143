// Furo made its site for the mouse; this is for the keyboard.

// What is wider than its place can be moved with the arrow keys: then, and only then, Tab stops at it.
const wide = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const place of document.querySelectorAll("article pre, article .table-wrapper")) wide.observe(place);

// On a phone site.css takes tables apart: each cell then shows its column's name, and what it is stays known to screen readers.
for (const table of document.querySelectorAll("article .table-wrapper table")) {
  const columns = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    for (const cell of row.cells) {
      cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell");
      cell.dataset.column = columns[cell.cellIndex];
    }
  }
}

// Its menus are checkboxes that are not displayed; the pictures in their labels are what people see.
for (const picture of document.querySelectorAll("label[for] > .icon")) {
  const box = document.getElementById(picture.parentElement.htmlFor);
  const tell = () => picture.setAttribute("aria-expanded", String(box.checked));
  picture.tabIndex = 0;
  picture.setAttribute("role", "button");
  picture.setAttribute("aria-label", box.getAttribute("aria-label"));
  picture.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    box.click();
  });
  box.addEventListener("change", tell);
  tell();
}

// Escape closes what lies over the page, and leads back to where it was opened.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const box of document.querySelectorAll(".sidebar-toggle:checked")) {
    box.click();
    const pictures = [...document.querySelectorAll(`label[for="${box.id}"] > .icon`)];
    pictures.find((picture) => picture.checkVisibility())?.focus();
  }
});
