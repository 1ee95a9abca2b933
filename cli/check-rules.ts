/** Whether the rules of a pack can do what they say: elements of FHIR R4, and segments that they can reach. */
import { elementsOf, isPrimitiveType, isResourceType } from '../src/core/fhir/elements.js';
import type { Pack, ResourceMap, Rule, SegmentPlace } from '../src/core/mapping/engine/pack.js';
import { parseSourcePath } from '../src/core/mapping/engine/source-path.js';
/**
 * The sentences that say what is wrong with the rules of a pack, each with its map and rule.
 *
 * @param own ids of the rules to be checked; others are inherited
 */
export function checkRules({ maps, structure }: Pack, own: ReadonlySet<string>): string[] {
  return maps.flatMap((map) =>
    map.rules
      .filter(({ id }) => own.has(id))
      .flatMap((rule) => {
        const row = `map ${map.id}, rule ${rule.id}`;
        return [
          ...named(`${row}: to`, elementFault(map.resource, rule.to)),
          ...named(`${row}: from`, sourceFault(map, rule, structure)),
        ];
      }),
  );
}

const named = (place: string, fault: string | undefined): string[] =>
  fault === undefined ? [] : [`${place}: ${fault}`];

/** What is wrong with an element path of a resource type; undefined when FHIR R4 has such an element. */
export function elementFault(resource: string, path: string): string | undefined {
  if (!isResourceType(resource)) return `FHIR R4 has no resource ${resource}`;
  let type = resource;
  const steps = path.split('.');
  for (const [index, step] of steps.entries()) {
    if (step.startsWith('extension(')) {
      type = 'Extension';
      continue;
    }
    const fault = stepFault(type, step, index === steps.length - 1);
    if (fault !== undefined) return fault;
    const { name, isBeside } = readStep(step);
    type = isBeside ? 'Element' : (elementsOf(type)?.get(name)?.type ?? '');
  }
  return undefined;
}

/** `_birthDate` is what stands beside the value of birthDate; `name[+]` and `name[0]` are items. */
function readStep(step: string): { name: string; isBeside: boolean; isItem: boolean } {
  const [, beside, name = '', item] = /^(_?)(\w+?)(\[[+\d]+\])?$/.exec(step) ?? [];
  return { name, isBeside: beside === '_', isItem: item !== undefined };
}

function stepFault(type: string, step: string, isLast: boolean): string | undefined {
  if (isPrimitiveType(type)) return `"${step}" stands below a value, which has no elements`;
  const { name, isItem } = readStep(step);
  const element = elementsOf(type)?.get(name);
  if (element === undefined) return `${type} has no element "${name}"${nearest(type, name)}`;
  if (element.repeats && !isItem && !isLast) return `${type}.${name} repeats: ${name}[0] is one of them`;
  if (!element.repeats && isItem) return `${type}.${name} does not repeat, so it is no ${step}`;
  return undefined;
}

/** `, but "birthDate"`: the same name in another case, or one that begins like it. */
function nearest(type: string, name: string): string {
  const names = [...(elementsOf(type)?.keys() ?? [])];
  const lower = name.toLowerCase();
  const near =
    names.find((each) => each.toLowerCase() === lower) ??
    names.find((each) => each.toLowerCase().startsWith(lower) || lower.startsWith(each.toLowerCase()));
  return near === undefined ? '' : `, but "${near}"`;
}

/** Where segments stand that the pack does not name, as the engine arranges them. */
const ANYWHERE: readonly string[] = ['PID'];

/** Why a rule can never read its source; undefined when some message lets it. */
function sourceFault(
  { segment }: ResourceMap,
  { from }: Rule,
  structure: Readonly<Record<string, SegmentPlace>>,
): string | undefined {
  const source = from === undefined ? undefined : parseSourcePath(from);
  if (source === undefined || source.segment === segment || source.segment === 'NTE') return undefined;
  const place = structure[source.segment];
  const under = place?.under ?? ANYWHERE;
  const above = segmentsAbove(segment, structure);
  if (source.every) {
    return under.includes(segment) || segment === 'MSH'
      ? undefined
      : `no ${source.segment} stands under ${segment}; in the structure it is under ${under.join(', ')}`;
  }
  const isContext = place?.context === true && under.some((each) => each === segment || above.has(each));
  if (above.has(source.segment) || isContext) return undefined;
  return `${segment} can reach no ${source.segment}: the structure puts it neither above ${segment} nor beside it as context`;
}

/** The segments that a segment may stand under, at any distance. MSH is the root of all. */
function segmentsAbove(
  segment: string,
  structure: Readonly<Record<string, SegmentPlace>>,
): ReadonlySet<string> {
  const above = new Set(['MSH']);
  const visit = (name: string): void => {
    if (name === 'MSH') return;
    for (const each of structure[name]?.under ?? ANYWHERE) {
      if (above.has(each)) continue;
      above.add(each);
      visit(each);
    }
  };
  visit(segment);
  return above;
}
