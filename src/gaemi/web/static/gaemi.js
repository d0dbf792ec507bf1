// What the pages of the local site do beyond links and forms; every page works without it, more slowly.
"use strict";

const get = async (address) => (await fetch(address, { headers: { accept: "application/json" } })).json();
const place = document.body.dataset.place;

// A run that is on its way: how far it is, and at its end the page anew.
async function watch(section, id, atEnd) {
  const bar = section.querySelector("progress");
  const put = (name, text) => { const at = section.querySelector(`[data-what="${name}"]`); if (at) at.textContent = text; };
  for (;;) {
    let run;
    try { run = await get(`/api/runs/${id}?wait=1&lang=${document.documentElement.lang}`); } catch { await new Promise((on) => setTimeout(on, 1500)); continue; }
    if (!run.state || !["waiting", "running"].includes(run.state)) return atEnd(run);
    for (const each of section.querySelectorAll("[data-state]")) each.hidden = each.dataset.state !== run.state;
    put("ahead", run.ahead);
    put("label", run.label);
    put("count", run.total ? `${run.done}/${run.total}` : "");
    if (bar && run.total) { bar.max = run.total; bar.value = run.done; }
    await new Promise((on) => setTimeout(on, 300));
  }
}

for (const section of document.querySelectorAll(".progress[data-run]")) {
  if (section.querySelector("progress")) watch(section, section.dataset.run, () => location.reload());
}
// A permanent link whose question nobody has asked yet: ask it.
const start = document.querySelector(".progress[data-start] form");
if (start) start.submit();

// The fuller answer about an account, while the first one is read.
const fuller = document.querySelector("[data-fuller]");
if (fuller) {
  (async () => {
    const body = new FormData(fuller.querySelector("form"));
    body.set("script", "1");
    const answer = await fetch("/account/more", { method: "POST", body });
    if (!answer.ok) return;
    const run = await answer.json();
    fuller.querySelector("button").remove();
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", fuller.getAttribute("aria-label"));
    fuller.append(bar);
    watch(fuller, run.id, async (ended) => {
      if (ended.state !== "done") { fuller.hidden = true; return; }
      const page = await (await fetch(`/account?run=${run.id}`)).text();
      const fresh = new DOMParser().parseFromString(page, "text/html");
      const moved = document.querySelector("#moved"), slid = document.querySelector("#amount");
      const at = window.scrollY, value = slid && slid.value, said = moved && [...moved.childNodes];
      document.querySelector("main").replaceWith(fresh.querySelector("main"));
      history.replaceState(null, "", `/account?run=${run.id}`);
      begin();
      const slider = document.querySelector("#amount"), now = document.querySelector("#moved");
      if (slider && value) { slider.value = value; slider.dispatchEvent(new Event("shown")); if (said) now.replaceChildren(...said); }
      window.scrollTo(0, at);
    });
  })();
}

// The parts of a page that may be put in anew.
function begin() {
  const slider = document.querySelector("#amount");
  if (slider) slide(slider);
  for (const range of document.querySelectorAll("input[type=range][data-fills]")) {
    const out = document.querySelector(`output[for="${range.id}"]`), field = document.getElementById(range.dataset.fills);
    const told = /^KOSPI -(\d+)%$/.exec(field.value);
    if (told) { range.value = told[1]; out.value = range.value; }
    range.addEventListener("input", () => { out.value = range.value; field.value = `KOSPI -${range.value}%`; });
  }
  for (const presets of document.querySelectorAll(".presets[data-fills]")) {
    presets.addEventListener("click", (event) => {
      if (event.target.value) document.getElementById(presets.dataset.fills).value = event.target.value;
    });
  }
  const form = document.querySelector("form[data-account]");
  if (form) account(form);
  for (const file of document.querySelectorAll("input[type=file]")) drop(file);
}

// The loan moves: ask for one answer at a time, always for the latest place of the slider.
function slide(slider) {
  const out = document.querySelector(`output[data-what="amount"]`), moved = document.querySelector("#moved");
  let asking = false, wanted = null;
  const ask = async () => {
    if (asking || wanted === null) return;
    const [won, precise] = wanted;
    [asking, wanted] = [true, null];
    try {
      const answer = await fetch("/account/step", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ run: slider.dataset.run, loan: won, precise }),
      });
      const said = await answer.json();
      if (said.html !== undefined) { moved.innerHTML = said.html; out.textContent = said.words; }
    } finally { asking = false; }
    ask();
  };
  slider.addEventListener("input", () => { wanted = [Number(slider.value), false]; ask(); });
  slider.addEventListener("change", () => { wanted = [Number(slider.value), true]; ask(); });
}

// An account: an example, a file that is dropped, and a link that holds it behind its #, which no server is sent.
const FIELDS = ["holding", "loan", "cash", "goal", "by", "saving", "firm", "replay"];
const EXAMPLE = { holding: "005930 930 @ 107500", loan: "59,980,000 on 005930", goal: "80m", by: "2027-12-31" };

function fill(form, values) { for (const name of FIELDS) if (name in values) form.elements[name].value = values[name]; }

function account(form) {
  form.querySelector("[data-example]").addEventListener("click", () => fill(form, EXAMPLE));
  const button = form.querySelector("[data-link]"), shown = form.querySelector("#link");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = {};
    for (const name of FIELDS) if (form.elements[name].value) said[name] = form.elements[name].value;
    const bytes = new TextEncoder().encode(JSON.stringify(said));
    const text = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const link = `${location.origin}/account#${text}`;
    shown.textContent = link;
    try { await navigator.clipboard.writeText(link); } catch { /* it can be copied by hand */ }
  });
}

function drop(file) {
  const area = file.closest("form");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    area.addEventListener(kind, (event) => {
      event.preventDefault();
      area.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) { file.files = event.dataTransfer.files; area.requestSubmit(); }
    });
  }
}

begin();
if (place === "account" && location.hash.length > 20 && !location.search.includes("run=")) {
  try {
    const text = location.hash.slice(1).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const form = document.querySelector("form[data-account]");
    fill(form, JSON.parse(new TextDecoder().decode(bytes)));
    form.requestSubmit();
  } catch { /* a hash that is a place on the page */ }
}
