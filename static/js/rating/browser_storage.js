/*
 * What the browser keeps, and memory where it keeps nothing (switched off, or full). `isLasting`
 * says whether everything written so far survives the closing of the page.
 */

export class BrowserStorage {
  constructor(open = () => globalThis.localStorage) {
    this.memory = new Map();
    this.isLasting = true;
    try {
      this.store = open();
      this.store.length;
    } catch {
      this.store = null;
    }
  }

  get(key) {
    if (this.memory.has(key)) return this.memory.get(key);
    const written = this.store?.getItem(key) ?? null;
    if (written === null) return null;
    try {
      return JSON.parse(written);
    } catch {
      return null;
    }
  }

  set(key, value) {
    try {
      if (!this.store) throw new Error("no storage");
      this.store.setItem(key, JSON.stringify(value));
      this.memory.delete(key);
    } catch {
      this.memory.set(key, structuredClone(value));
      this.isLasting = false;
    }
  }

  remove(key) {
    this.memory.delete(key);
    this.store?.removeItem(key);
    if (this.memory.size === 0) this.isLasting = true;
  }

  /** The keys that begin with `prefix`, in the order of their characters. */
  keys(prefix) {
    const keys = new Set(this.memory.keys());
    for (let index = 0; index < (this.store?.length ?? 0); index += 1) {
      keys.add(this.store.key(index));
    }
    return [...keys].filter((key) => key.startsWith(prefix)).sort();
  }
}
