// Several changes as one step of undo: `together.run(() => { modeling.…; modeling.…; })`.

class Handler {
  preExecute(context) {
    context.work();
  }
}

class Together {
  static $inject = ["commandStack"];

  constructor(commandStack) {
    this.commandStack = commandStack;
    commandStack.registerHandler("tuntas.together", Handler);
  }

  run(work) {
    this.commandStack.execute("tuntas.together", { work });
  }
}

export const togetherModule = { __init__: ["together"], together: ["type", Together] };
