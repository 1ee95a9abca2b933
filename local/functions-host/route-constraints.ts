/** Tells whether a route parameter's value is allowed. */
export type Constraint = (value: string) => boolean;

const simple: Readonly<Record<string, RegExp>> = {
  int: /^[+-]?\d{1,10}$/,
  long: /^[+-]?\d{1,19}$/,
  bool: /^(?:true|false)$/i,
  alpha: /^[a-z]*$/i,
  guid: /^[{(]?[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}[)}]?$/i,
  decimal: /^[+-]?(?:\d+\.?\d*|\.\d+)$/,
  double: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i,
  float: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i,
  required: /./,
};

/**
 * Reads one inline constraint of an ASP.NET route template, such as `int`, `min(1)`, `length(2,5)` or `regex(^\d+$)`.
 *
 * @throws Error naming the template when the constraint is unknown or its arguments cannot be read
 */
export function parseConstraint(text: string, template: string): Constraint {
  const match = /^(\w+)(?:\((.*)\))?$/s.exec(text);
  const [, name = '', argument] = match ?? [];
  const key = name.toLowerCase();
  const pattern = simple[key];
  if (pattern && argument === undefined) return key === 'int' ? isInt32 : (value) => pattern.test(value);
  const constraint = argument === undefined ? undefined : withArgument(key, argument);
  if (!constraint) throw new Error(`Route '${template}': the constraint '${text}' is not known`);
  return constraint;
}

function isInt32(value: string): boolean {
  return /^[+-]?\d{1,10}$/.test(value) && Math.abs(Number(value) + 0.5) < 2 ** 31;
}

function withArgument(name: string, argument: string): Constraint | undefined {
  if (name === 'regex') return toRegExpConstraint(argument);
  const numbers = argument.split(',').map(Number);
  const [first = NaN, second = first] = numbers;
  if (numbers.some(Number.isNaN)) return undefined;
  const asNumber = (value: string) => (/^[+-]?\d+$/.test(value) ? Number(value) : NaN);
  switch (name) {
    case 'min':
      return (value) => asNumber(value) >= first;
    case 'max':
      return (value) => asNumber(value) <= first;
    case 'range':
      return (value) => asNumber(value) >= first && asNumber(value) <= second;
    case 'minlength':
      return (value) => value.length >= first;
    case 'maxlength':
      return (value) => value.length <= first;
    case 'length':
      return (value) => value.length >= first && value.length <= second;
    default:
      return undefined;
  }
}

function toRegExpConstraint(argument: string): Constraint | undefined {
  try {
    // Braces are doubled in a template, to tell them from those of a parameter.
    const pattern = new RegExp(argument.replaceAll('{{', '{').replaceAll('}}', '}'), 'i');
    return (value) => pattern.test(value);
  } catch {
    return undefined;
  }
}
