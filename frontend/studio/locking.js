// Reading only: nothing on the diagram can be changed, by mouse, key or script, until the draft may be edited.

const EDITING = ["shape.create", "shape.append", "shape.attach", "shape.resize", "shape.replace", "elements.move",
  "elements.create", "elements.delete", "elements.align", "elements.distribute", "connection.create",
  "connection.reconnect", "connection.updateWaypoints", "connection.start", "lane.add", "paste", "element.paste",
  "elements.paste"];

class Locking {
  static $inject = ["rules", "commandStack", "config.mayEdit", "contextPad", "directEditing", "injector"];

  constructor(rules, commandStack, mayEdit, contextPad, directEditing, injector) {
    for (const [service, name] of [[commandStack, "execute"], [commandStack, "undo"], [commandStack, "redo"],
      [contextPad, "open"], [directEditing, "activate"]]) {
      const original = service[name];
      service[name] = function guarded(...given) {
        return mayEdit() ? original.apply(this, given) : undefined;
      };
    }
    const allowed = rules.allowed;
    rules.allowed = function guarded(action, context) {
      return !mayEdit() && EDITING.includes(action) ? false : allowed.call(this, action, context);
    };
    const drags = injector.get("dragging");
    const init = drags.init;
    drags.init = function guarded(event, relative, prefix, options) {
      return mayEdit() || prefix === "hand" || prefix === "lasso" || prefix === "lasso.selection"
        ? init.call(this, event, relative, prefix, options) : undefined;
    };
  }
}

export const lockingModule = { __init__: ["locking"], locking: ["type", Locking] };
