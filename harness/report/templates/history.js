"use strict";
(() => {
  const form = document.getElementById("filter");
  const said = document.getElementById("said");
  const fields = ["branch", "config", "host"];
  const apply = () => {
    const kept = (element) => fields.every((field) => {
      const asked = form.elements[field].value;
      return !asked || element.dataset[field].split(" ").includes(asked);
    });
    let runs = 0;
    for (const element of document.querySelectorAll("[data-host]")) {
      const other = element.dataset.scale && form.elements.scale.value
        && element.dataset.scale !== form.elements.scale.value;
      element.hidden = Boolean(other) || !kept(element);
      if (!element.hidden && element.className === "run") runs += 1;
    }
    said.textContent = `${runs} runs`;
  };
  form.hidden = false;
  form.addEventListener("change", apply);
  apply();
})();
