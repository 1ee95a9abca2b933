/** Values whose form in JSON is not a string (FHIR R4 section 2.6.2.3), by their form in XML. */
const forms: Readonly<Record<string, RegExp>> = {
  boolean: /^(?:true|false)$/,
  integer: /^(?:0|-?[1-9]\d{0,9})$/,
  unsignedInt: /^(?:0|[1-9]\d{0,9})$/,
  positiveInt: /^[1-9]\d{0,9}$/,
  decimal: /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/,
};

/**
 * The value of a primitive in JSON; undefined for a text that is none of its type. Of types that are strings in JSON only
 * the empty one is refused.
 */
export function readPrimitive(type: string, text: string): string | number | boolean | undefined {
  const form = forms[type];
  if (form === undefined) return text === '' ? undefined : text;
  if (!form.test(text)) return undefined;
  if (type === 'boolean') return text === 'true';
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
