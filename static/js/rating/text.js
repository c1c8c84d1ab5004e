/* The words of the page: they stand in the template, one data attribute each. */

const place = () => document.getElementById("rating-texts");

/** The text `name` with its {parts} filled in. */
export function text(name, parts = {}) {
  const pattern = place().dataset[name];
  if (pattern === undefined) throw new RangeError(`The template has no text ${name}.`);
  return pattern.replace(/\{(\w+)\}/g, (whole, part) => String(parts[part] ?? whole));
}

let format = null;

/** A number as people of the page's language write it. */
export function number(value) {
  format ??= new Intl.NumberFormat(document.documentElement.lang || "en");
  return format.format(value);
}
