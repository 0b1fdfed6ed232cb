/** Printing and copying the recovery codes; without a script the page is printed from the browser's own menu. */
const tools = document.querySelector("[data-paper]");
tools.hidden = false;
tools.querySelector("[data-print]").addEventListener("click", () => window.print());
const copy = tools.querySelector("[data-copy]");
copy.addEventListener("click", async () => {
  const codes = [...document.querySelectorAll(".codes li")].map((item) => item.textContent);
  await navigator.clipboard.writeText(codes.join("\n"));
  copy.textContent = copy.dataset.done;
});
if (!navigator.clipboard) copy.hidden = true;
