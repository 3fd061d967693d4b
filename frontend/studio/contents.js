// The files of the draft as they stand in the browser: text, or an open editor that writes its text when asked.
// A file nobody edited stays what it was, byte for byte.

export class Contents {
  #texts;
  #editors = new Map();
  #edited = new Set();
  #writing = new Map();

  constructor(files, main) {
    this.#texts = { ...files };
    this.main = main;
  }

  names(ending = "") {
    return Object.keys(this.#texts).filter((name) => name.toLowerCase().endsWith(ending));
  }

  has(name) {
    return name in this.#texts;
  }

  /** The text as last written; ask `all()` first when an editor may have changed it. */
  text(name) {
    return this.#texts[name];
  }

  /** An editor of `name` opened: `write()` answers its text. Closing writes what is not written yet. */
  open(name, write) {
    this.#editors.set(name, write);
  }

  async close(name) {
    await this.#write(name);
    this.#editors.delete(name);
  }

  /** The editor of `name` changed something. */
  touch(name) {
    this.#edited.add(name);
  }

  put(name, text) {
    this.#texts[name] = text;
    this.#edited.delete(name);
  }

  remove(name) {
    delete this.#texts[name];
    this.#editors.delete(name);
    this.#edited.delete(name);
  }

  replaceAll(files, main) {
    this.#texts = { ...files };
    this.#editors.clear();
    this.#edited.clear();
    this.main = main;
  }

  /** {name: text} of everything, after every editor has written. */
  async all() {
    for (const name of new Set([...this.#edited, ...this.#writing.keys()])) await this.#write(name);
    return { ...this.#texts };
  }

  /** Two who ask at once wait for the same writing; what was edited meanwhile is written again. */
  async #write(name) {
    while (this.#writing.has(name)) await this.#writing.get(name);
    const write = this.#editors.get(name);
    if (!this.#edited.has(name) || !write) return;
    this.#edited.delete(name);
    const writing = write();
    this.#writing.set(name, writing.catch(() => undefined));
    try {
      const text = await writing;
      if (this.#editors.get(name) === write) this.#texts[name] = text;
    } catch (error) {
      this.#edited.add(name);
      throw error;
    } finally {
      this.#writing.delete(name);
    }
  }
}
