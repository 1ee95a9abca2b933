import type { BindingInfo } from './core-types.js';
import type { RegisteredFunction } from './registration.js';
import type { Settings } from './settings.js';

/** A binding with its name and its `%SETTING%` parts resolved. */
export type Binding = { readonly name: string; readonly type: string; readonly options: BindingInfo };

/** A function whose bindings this host can serve. */
export type LoadedFunction = {
  readonly registered: RegisteredFunction;
  readonly name: string;
  readonly trigger: Binding;
  /** Output bindings by name; `$return` is the return value. */
  readonly outputs: ReadonlyMap<string, Binding>;
};

const triggerTypes = ['httptrigger', 'servicebustrigger', 'timertrigger', 'cosmosdbtrigger'];
const outputTypes = ['http', 'servicebus'];
const namePattern = /^[A-Za-z][\w-]{0,127}$/;

/**
 * Checks a registered function and resolves the settings that its bindings name.
 *
 * @throws Error naming the function when a binding type is unknown to this host, when it has not exactly one trigger, or when
 * an app setting is missing
 */
export function toLoadedFunction(registered: RegisteredFunction, settings: Settings): LoadedFunction {
  const { name } = registered;
  if (!namePattern.test(name)) {
    throw new Error(
      `Function '${name}': the name must begin with a letter and hold letters, digits, '-' and '_' only`,
    );
  }
  const bindings = Object.entries(registered.bindings).map(([bindingName, options]) =>
    toBinding(name, bindingName, options, settings),
  );
  const triggers = bindings.filter((binding) => binding.type.endsWith('trigger'));
  const [trigger] = triggers;
  if (!trigger || triggers.length > 1) throw new Error(`Function '${name}' must have exactly one trigger`);
  requireKnown(name, 'trigger', trigger, triggerTypes);
  const others = bindings.filter((binding) => binding !== trigger);
  for (const binding of others) {
    if (binding.options.direction !== 'out') {
      throw new Error(`Function '${name}': input bindings are not supported by the local Functions host`);
    }
    requireKnown(name, 'output', binding, outputTypes);
  }
  return { registered, name, trigger, outputs: new Map(others.map((binding) => [binding.name, binding])) };
}

/** A text option of a binding, or undefined when it is absent or empty. */
export function textOption(binding: Binding, option: string): string | undefined {
  const value = binding.options[option];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * A text option that the binding must have.
 *
 * @throws Error naming the function and the option
 */
export function requiredOption(functionName: string, binding: Binding, option: string): string {
  const value = textOption(binding, option);
  if (value === undefined) throw new Error(`Function '${functionName}': ${binding.type} needs '${option}'`);
  return value;
}

/** A positive number among a binding's options, or the fallback. */
export function numberOption(binding: Binding, option: string, fallback: number): number {
  const value = binding.options[option];
  return typeof value === 'number' && value > 0 ? value : fallback;
}

function toBinding(functionName: string, name: string, options: BindingInfo, settings: Settings): Binding {
  const where = `Function '${functionName}', ${options.type}`;
  if (options['sdkBinding'] === true) {
    throw new Error(`${where}: sdkBinding is not supported by the local Functions host`);
  }
  const resolved = Object.entries(options).map(([option, value]) => [
    option,
    // Route templates hold no settings, and a percent sign in a route is legal.
    typeof value === 'string' && option !== 'route' ? settings.expand(value, `${where}.${option}`) : value,
  ]);
  return { name, type: options.type.toLowerCase(), options: Object.fromEntries(resolved) as BindingInfo };
}

function requireKnown(functionName: string, kind: string, binding: Binding, known: readonly string[]): void {
  if (known.includes(binding.type)) return;
  throw new Error(
    `Function '${functionName}': ${kind} type '${binding.options.type}' is not supported by the local Functions host ` +
      `(supported: ${known.join(', ')})`,
  );
}
