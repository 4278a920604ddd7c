"use strict";
(() => {
  const form = document.getElementById("filters");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const cases = [...document.querySelectorAll(".case")];
  const text = cases.map((one) => {
    const facts = one.querySelector("dl");
    return (one.querySelector("summary").textContent + " " + (facts ? facts.textContent : "")).toLowerCase();
  });
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set([...form.querySelectorAll("input[name=verdict]:checked")].map((box) => box.value));
    let shown = 0;
    cases.forEach((one, index) => {
      const fits = verdicts.has(one.dataset.verdict) && words.every((word) => text[index].includes(word));
      one.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    for (const family of document.querySelectorAll(".family")) {
      family.hidden = !family.querySelector(".case:not([hidden])");
    }
    found.textContent = shown + " of " + cases.length + " cases";
  };
  // A link to a case or requirement opens it, even where a filter hides it.
  const open = () => {
    const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!wanted || wanted.tagName !== "DETAILS") return;
    wanted.hidden = false;
    if (wanted.closest(".family")) wanted.closest(".family").hidden = false;
    wanted.open = true;
    wanted.scrollIntoView();
  };
  addEventListener("hashchange", open);
  if (form) {
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }
  open();
})();
