import type { LoadedFunction } from './bindings.js';
import { isPresent } from './core-types.js';
import type {
  CoreInvocationContext,
  InvocationResponse,
  ProgrammingModel,
  RpcLogCategory,
  RpcLogLevel,
} from './core-types.js';
import { describeFailure } from './log.js';
import type { Log } from './log.js';
import type { OutputWriter } from './outputs.js';
import type { Registration } from './registration.js';
import { toInvocationRequest } from './rpc-request.js';
import type { TriggerInput } from './rpc-request.js';

/** What a successful run gave. */
export type InvocationOutcome = {
  readonly response: InvocationResponse;
  /** What the handler returned, after the hooks. */
  readonly result: unknown;
};

/** Runs functions, one invocation after another request, and knows how many are running. */
export class Invoker {
  readonly #registration: Registration;
  readonly #model: ProgrammingModel;
  readonly #outputs: OutputWriter;
  readonly #log: Log;
  #running = 0;

  constructor(registration: Registration, model: ProgrammingModel, outputs: OutputWriter, log: Log) {
    this.#registration = registration;
    this.#model = model;
    this.#outputs = outputs;
    this.#log = log;
  }

  /** Invocations that have begun and not ended. */
  get running(): number {
    return this.#running;
  }

  /**
   * Runs a function once: input conversion, hooks, handler, output bindings.
   *
   * @throws whatever the handler, a hook, the library's conversion or an output binding threw; it is logged already
   */
  async invoke(target: LoadedFunction, input: TriggerInput): Promise<InvocationOutcome> {
    const request = toInvocationRequest(target.registered.id, target.name, input);
    const { invocationId } = request;
    const category = `Function.${target.name}`;
    const started = performance.now();
    const elapsed = () => `Id=${invocationId}, Duration=${Math.round(performance.now() - started)}ms`;
    this.#running += 1;
    this.#log({ level: 'debug', category, message: `Executing '${target.name}' (Id=${invocationId})` });
    try {
      const outcome = await this.#run(target, this.#createContext(target, request));
      await this.#outputs.write(target, outcome.response);
      this.#log({ level: 'debug', category, message: `Executed '${target.name}' (Succeeded, ${elapsed()})` });
      return outcome;
    } catch (error) {
      const message = `Executed '${target.name}' (Failed, ${elapsed()}): ${describeFailure(error)}`;
      this.#log({ level: 'error', category, message });
      throw error;
    } finally {
      this.#running -= 1;
    }
  }

  async #run(target: LoadedFunction, core: InvocationContext): Promise<InvocationOutcome> {
    const { appHookData } = this.#registration;
    const model = await this.#model.getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    core.library = context;
    const shared = { hookData: core.hookData, appHookData, invocationContext: context };

    const before = { ...shared, inputs, functionCallback: target.registered.callback };
    core.state = 'preInvocationHooks';
    await this.#registration.runHooks('preInvocation', before);

    const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
    core.state = 'invocation';
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error ?? new Error('The function threw null or undefined');
    }
    core.state = 'postInvocationHooks';
    await this.#registration.runHooks('postInvocation', after);
    core.state = undefined;

    if (isPresent(after.error)) throw after.error;
    return { response: await model.getResponse(context, after.result), result: after.result };
  }

  #createContext(target: LoadedFunction, request: InvocationContext['request']): InvocationContext {
    const { id, name, bindings } = target.registered;
    const core: InvocationContext = {
      invocationId: request.invocationId,
      request,
      metadata: { name, bindings, functionId: id },
      state: undefined,
      hookData: {},
      library: undefined,
      log: (level, category, message) => {
        this.#logFor(target, core, level, category, message);
      },
    };
    return core;
  }

  /** A line of the handler or of the library about it; log hooks may change level and text. */
  #logFor(
    target: LoadedFunction,
    core: InvocationContext,
    level: RpcLogLevel,
    category: RpcLogCategory,
    message: string,
  ): void {
    const { appHookData } = this.#registration;
    const entry = {
      hookData: core.hookData,
      appHookData,
      level,
      message,
      category,
      invocationContext: core.library,
    };
    for (const hook of this.#registration.hooks('log')) void hook(entry);
    if (entry.level === 'none') return;
    const suffix = category === 'user' ? '.User' : '';
    this.#log({ level: entry.level, category: `Function.${target.name}${suffix}`, message: entry.message });
  }
}

/** The contract's context plus what this host keeps with it. */
type InvocationContext = CoreInvocationContext & {
  readonly hookData: Record<string, unknown>;
  /** The context object that the library made for the handler. */
  library: unknown;
};
