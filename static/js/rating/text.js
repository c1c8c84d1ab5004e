/* The words of the page: they stand in the template, one data attribute each. */

const place = () => document.getElementById("rating-texts");

/** The text `name` with its {parts} filled in. */
export function text(name, parts = {}) {
  const pattern = place().dataset[name];
  if (pattern === undefined) throw new RangeError(`The template has no text ${name}.`);
  return pattern.replace(/\{(\w+)\}/g, (whole, part) => String(parts[part] ?? whole));
}

const GROUPS = /\B(?=(?:\d{3})+$)/g;
const LONGEST_PLAIN = 1e15;
let format = null;

/** A number as people of the page's language write it, with three decimals at most. */
export function number(value) {
  const language = document.documentElement.lang || "en";
  const amount = Number(value);
  if (/^(?:en|zh)\b/.test(language) && Math.abs(amount) < LONGEST_PLAIN) return plainNumber(amount);
  format ??= new Intl.NumberFormat(language);
  return format.format(value);
}

/** As Intl.NumberFormat writes it in English and Chinese; making one takes long when a page opens. */
function plainNumber(amount) {
  const [whole, decimals] = String(Number(amount.toFixed(3))).split(".");
  const grouped = whole.replace(GROUPS, ",");
  return decimals ? `${grouped}.${decimals}` : grouped;
}

const GROUPED = /^-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;

/** A number that was typed as `number` writes it, or with a decimal comma or full-width digits. */
export function typedNumber(typed) {
  const plain = typed.normalize("NFKC").trim().replace("−", "-");
  if (plain === "") return NaN;
  return Number(GROUPED.test(plain) ? plain.replaceAll(",", "") : plain.replace(",", "."));
}
