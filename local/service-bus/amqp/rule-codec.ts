import { badArgument } from '../errors.js';
import type { CorrelationFilter } from '../filters/correlation.js';
import type { RuleDefinition, RuleFilter } from '../filters/rule.js';
import type { Typed } from './codec.js';
import { described, types } from './codec.js';
import type { Fields } from './fields.js';

/** Descriptors of rule descriptions and their parts, in Microsoft's vendor range. */
const DESCRIPTOR = {
  rule: 0x13700000004,
  emptyAction: 0x13700000005,
  sqlAction: 0x13700000006,
  sqlFilter: 0x1370000006,
  trueFilter: 0x1370000007,
  correlationFilter: 0x1370000009,
} as const;

const COMPATIBILITY_LEVEL = 20;

/** The correlation fields in wire order. */
const CORRELATION_FIELDS = [
  ['correlation-id', 'correlationId'],
  ['message-id', 'messageId'],
  ['to', 'to'],
  ['reply-to', 'replyTo'],
  ['label', 'subject'],
  ['session-id', 'sessionId'],
  ['reply-to-session-id', 'replyToSessionId'],
  ['content-type', 'contentType'],
] as const satisfies readonly (readonly [string, keyof CorrelationFilter])[];

/** Reads the rule of an add-rule request. */
export function readRule(fields: Fields): RuleDefinition {
  const description = fields.map('rule-description');
  const action = description.optionalMap('sql-rule-action')?.optionalText('expression');
  return {
    name: fields.text('rule-name'),
    filter: readFilter(description),
    ...(action === undefined ? {} : { action }),
  };
}

function readFilter(description: Fields): RuleFilter {
  const sql = description.optionalMap('sql-filter');
  if (sql !== undefined) return { kind: 'sql', expression: sql.text('expression') };
  const correlation = description.optionalMap('correlation-filter');
  if (correlation === undefined) throw badArgument('The rule has neither a SQL nor a correlation filter.');
  const given = CORRELATION_FIELDS.map(
    ([wire, name]) => [name, correlation.optionalText(wire)] as const,
  ).filter(([, value]) => value !== undefined);
  const applicationProperties = Object.fromEntries(correlation.optionalMap('properties')?.entries() ?? []);
  return { kind: 'correlation', correlation: { ...Object.fromEntries(given), applicationProperties } };
}

/** A rule as enumerate-rules returns it. */
export function ruleToAmqp(rule: RuleDefinition): Typed {
  const action =
    rule.action === undefined
      ? described(DESCRIPTOR.emptyAction, types.wrap_list([]))
      : described(DESCRIPTOR.sqlAction, expression(rule.action));
  const parts = [filterToAmqp(rule.filter), action, types.wrap_string(rule.name)];
  return described(DESCRIPTOR.rule, types.wrap_list(parts));
}

function filterToAmqp(filter: RuleFilter): Typed {
  switch (filter.kind) {
    case 'true':
      return described(DESCRIPTOR.trueFilter, types.wrap_list([]));
    case 'sql':
      return described(DESCRIPTOR.sqlFilter, expression(filter.expression));
    case 'correlation': {
      const { correlation } = filter;
      const fields: unknown[] = CORRELATION_FIELDS.map(([, name]) => correlation[name] ?? null);
      return described(
        DESCRIPTOR.correlationFilter,
        types.wrap_list([...fields, types.wrap_map(correlation.applicationProperties)]),
      );
    }
  }
}

const expression = (text: string): Typed =>
  types.wrap_list([types.wrap_string(text), types.wrap_int(COMPATIBILITY_LEVEL)]);
