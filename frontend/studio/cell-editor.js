// The text field in cells and headers of a decision table, in place of dmn-js's FEEL editor: our tables hold the
// contract's small language and S-FEEL, which FEEL's linter would mark wrongly, and its styles break our policy.
// Bundled under the name "@bpmn-io/feel-editor" (frontend/build.mjs).

export default class CellEditor {
  constructor({ container, value = "", onChange = () => undefined, contentAttributes = {} }) {
    this.field = document.createElement("textarea");
    this.field.className = "studio-cell";
    this.field.rows = 1;
    this.field.spellcheck = false;
    for (const [name, words] of Object.entries(contentAttributes)) {
      if (words) this.field.setAttribute(name, words);
    }
    this.setValue(value);
    this.field.addEventListener("input", () => {
      this.#grow();
      onChange(this.field.value);
    });
    container.append(this.field);
    queueMicrotask(() => this.#grow());
  }

  setValue(value) {
    this.field.value = value ?? "";
    this.#grow();
  }

  setVariables() {
    // FEEL's suggestions; the panel's pickers offer ours.
  }

  focus(position) {
    this.field.focus();
    const at = position ?? this.field.value.length;
    this.field.setSelectionRange(at, at);
  }

  #grow() {
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${this.field.scrollHeight}px`;
  }
}

/** Stands where CodeMirror's EditorView was asked for wrapping; a text area wraps by itself. */
export const EditorView = { lineWrapping: null };

/** Stands for dmn-js's variable resolver, which only feeds FEEL's suggestions. */
export const DmnVariableResolverModule = {};
