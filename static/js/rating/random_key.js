/** A key that no other submission has. Plain HTTP under a host name has no `randomUUID`. */
export function randomKey(source = globalThis.crypto) {
  const bytes = source.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
