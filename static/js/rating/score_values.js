/* What a rater types as a score, and what it means. Nothing here touches the page. */

const FULL_WIDTH = { "．": ".", "。": ".", "－": "-", "−": "-", "＋": "+", "　": "" };

/** Full-width digits and signs as their plain ones, without spaces around. */
export function normaliseDigits(text) {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0);
    if (code >= 0xff10 && code <= 0xff19) return String(code - 0xff10);
    return FULL_WIDTH[character] ?? character;
  })
    .join("")
    .trim();
}

/**
 * Check a typed score against its criterion.
 *
 * The answer is `{value}` with the number as text in its plain form, or `{problem}`: "empty",
 * "not_a_number", "decimals" or "range".
 */
export function checkScore(typed, criterion) {
  const text = normaliseDigits(typed);
  if (text === "") return { problem: "empty" };
  const match = /^([+-]?)(\d{1,9})(?:\.(\d{0,9}))?$/.exec(text);
  if (!match) return { problem: "not_a_number" };
  const [, sign, whole, decimals] = match;
  if (decimals !== undefined && (decimals === "" || decimals.length > criterion.decimals)) {
    return { problem: "decimals" };
  }
  const plain = `${whole.replace(/^0+(?=\d)/, "")}${decimals === undefined ? "" : `.${decimals}`}`;
  const value = sign === "-" && Number(plain) !== 0 ? `-${plain}` : plain;
  const number = Number(value);
  if (number < criterion.minimum || number > criterion.maximum) return { problem: "range" };
  return { value };
}

/** The ranges shown beside a criterion: its bands, or its levels as bands of one score. */
export function bandsOf(criterion) {
  if (criterion.bands.length) return criterion.bands;
  return criterion.levels.map((level) => ({
    start: level.value,
    end: level.value,
    label: level.label,
    text: level.text,
    is_gloss: level.is_gloss,
  }));
}

/** The position of the band that holds a valid score, or -1 (also between two bands). */
export function bandIndex(typed, criterion) {
  const { value } = checkScore(typed, criterion);
  if (value === undefined) return -1;
  const number = Number(value);
  return bandsOf(criterion).findIndex((band) => number >= band.start && number <= band.end);
}

/** Whether the gate's score leaves the other criteria unasked. */
export function closesGate(typed, gate, criteria) {
  const criterion = gate && criteria.find(({ code }) => code === gate.criterion);
  if (!criterion) return false;
  const { value } = checkScore(typed, criterion);
  return value !== undefined && Number(value) < gate.minimum;
}
