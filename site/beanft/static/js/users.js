// Says how good a new password is while it is typed. The server decides; without this file it says the same
// after the form is sent.
"use strict";
const LEAST_CHARACTERS = 10;
const LONG_CHARACTERS = 16;
const FEW_CHARACTERS = 5;

function verdict(password, names) {
  const characters = [...password];
  const missing = LEAST_CHARACTERS - characters.length;
  if (missing > 0) return `Too short: ${missing} more ${missing === 1 ? "character" : "characters"}.`;
  const plain = password.toLowerCase();
  const core = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  if (names.some((name) => name && (plain === name || core === name))) return "Too easy: this is your name or address.";
  if (new Set(plain).size < FEW_CHARACTERS) return "Too easy: the same few characters.";
  return characters.length >= LONG_CHARACTERS ? "Long: good." : "Long enough. Longer is better.";
}

function names(form) {
  const values = [...form.querySelectorAll("[name=username], [name=email]")].map((field) => field.value.trim().toLowerCase());
  return [...values, ...values.map((value) => value.split("@")[0])];
}

function note(field) {
  const line = document.createElement("div");
  line.className = "form-text";
  line.setAttribute("role", "status");
  field.insertAdjacentElement("afterend", line);
  return line;
}

function watchNew(field) {
  const line = note(field);
  field.addEventListener("input", () => {
    line.textContent = field.value ? verdict(field.value, names(field.form)) : "";
  });
}

function watchRepeated(field) {
  const line = note(field);
  const first = field.form.elements[field.dataset.repeats];
  const compare = () => {
    const differs = field.value && !first.value.startsWith(field.value);
    line.textContent = differs ? "The two differ." : field.value && field.value === first.value ? "The same: good." : "";
  };
  field.addEventListener("input", compare);
  first.addEventListener("input", compare);
}

for (const field of document.querySelectorAll("[data-new-password]")) watchNew(field);
for (const field of document.querySelectorAll("[data-repeats]")) watchRepeated(field);
