import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
  RpcLogCategory,
  RpcLogLevel,
} from './core-types.js';
import type { Log } from './log.js';

/** Hooks that an app may register. */
export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';

/** A function as registered, with its handler. */
export type RegisteredFunction = FunctionMetadata & {
  readonly id: string;
  readonly callback: FunctionCallback;
};

const hookNames: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];

/** The error that the library recognises as the host's own (`isAzureFunctionsSystemError`). */
const systemError = (error: Error): Error => Object.assign(error, { isAzureFunctionsSystemError: true });

/** Undoes a registration; part of the contract. */
class Disposable {
  #undo: (() => unknown) | undefined;

  constructor(undo: () => unknown) {
    this.#undo = undo;
  }

  static from(...disposables: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): unknown {
    const undo = this.#undo;
    this.#undo = undefined;
    return undo?.();
  }
}

/** What one app registered: its functions, its hooks and the library's programming model. */
export class Registration {
  readonly functions = new Map<string, RegisteredFunction>();
  /** Data shared by all hooks of the app. */
  readonly appHookData: Record<string, unknown> = {};
  /** Data shared by the appStart and appTerminate hooks. */
  readonly appLevelHookData: Record<string, unknown> = {};
  model: ProgrammingModel | undefined;
  #hooks = new Map<string, HookCallback[]>();
  #locked = false;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** From now on registering is an error: the real host has indexed the app by then. */
  lock(): void {
    this.#locked = true;
  }

  hooks(name: HookName): readonly HookCallback[] {
    return this.#hooks.get(name) ?? [];
  }

  /** Runs the hooks of one kind in the order of registration. */
  async runHooks(name: HookName, context: unknown): Promise<void> {
    for (const hook of this.hooks(name)) await hook(context);
  }

  /** The module that `require('@azure/functions-core')` must give. */
  coreModule(): Record<string, unknown> {
    return {
      version: '3.99.0-local',
      hostVersion: '4.1000.0',
      Disposable,
      registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
        this.#add(metadata, callback),
      registerHook: (name: string, callback: HookCallback) => this.#addHook(name, callback),
      setProgrammingModel: (model: ProgrammingModel) => {
        this.model = model;
      },
      getProgrammingModel: () => this.model,
      log: (level: RpcLogLevel, _category: RpcLogCategory, message: string) => {
        if (level !== 'none') this.#log({ level, category: 'Worker', message });
      },
    };
  }

  #add(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (this.#locked) throw systemError(new Error('A function can only be registered during app startup.'));
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) {
      throw systemError(new Error(`A function with id "${id}" has already been registered.`));
    }
    this.functions.set(id, { ...metadata, id, callback });
    return new Disposable(() => this.functions.delete(id));
  }

  #addHook(name: string, callback: HookCallback): Disposable {
    if (!hookNames.includes(name)) throw systemError(new RangeError(`Unrecognized hook "${name}"`));
    this.#hooks.set(name, [...(this.#hooks.get(name) ?? []), callback]);
    return new Disposable(() => {
      this.#hooks.set(
        name,
        (this.#hooks.get(name) ?? []).filter((hook) => hook !== callback),
      );
    });
  }
}
