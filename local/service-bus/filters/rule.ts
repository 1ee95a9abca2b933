import type { BrokerMessage } from '../message/broker-message.js';
import { withApplicationProperties, withProperties } from '../message/rewrite.js';
import type { CorrelationFilter } from './correlation.js';
import { matchesCorrelation } from './correlation.js';
import { evaluate } from './sql-evaluate.js';
import { parseAction, parseCondition } from './sql-parser.js';
import type { SqlStatement } from './sql-syntax.js';
import type { FilterSubject } from './subject.js';

/** The condition of a rule. */
export type RuleFilter =
  | { readonly kind: 'true' }
  | { readonly kind: 'sql'; readonly expression: string }
  | { readonly kind: 'correlation'; readonly correlation: CorrelationFilter };

/** A subscription rule as it is configured. */
export interface RuleDefinition {
  readonly name: string;
  readonly filter: RuleFilter;
  /** SQL statements that change the subscription's copy of the message. */
  readonly action?: string;
}

/** A rule ready to use. */
export interface Rule {
  readonly definition: RuleDefinition;
  matches(subject: FilterSubject): boolean;
  /** Absent for a rule without action. */
  readonly act?: (message: BrokerMessage) => BrokerMessage;
}

/** The rule of a subscription that names none. */
export const DEFAULT_RULE: RuleDefinition = { name: '$Default', filter: { kind: 'true' } };

/**
 * Compiles a rule.
 *
 * @throws SqlSyntaxError when its filter or action cannot be read
 */
export function compileRule(definition: RuleDefinition): Rule {
  const matches = compileFilter(definition.filter);
  if (definition.action === undefined) return { definition, matches };
  const statements = parseAction(definition.action);
  const named = new Map([['RuleName', definition.name]]);
  return {
    definition,
    matches,
    act: (message) => statements.reduce(applyStatement, withApplicationProperties(message, named)),
  };
}

function compileFilter(filter: RuleFilter): (subject: FilterSubject) => boolean {
  switch (filter.kind) {
    case 'true':
      return () => true;
    case 'correlation':
      return (subject) => matchesCorrelation(filter.correlation, subject);
    case 'sql': {
      const condition = parseCondition(filter.expression);
      return (subject) => evaluate(condition, subject) === true;
    }
  }
}

function applyStatement(message: BrokerMessage, statement: SqlStatement): BrokerMessage {
  if (statement.kind === 'remove') return withApplicationProperties(message, new Map(), [statement.name]);
  const value = evaluate(statement.value, message);
  if (value === undefined) return message;
  const { property } = statement;
  return property.scope === 'sys'
    ? withProperties(message, { [property.field]: String(value) })
    : withApplicationProperties(message, new Map([[property.name, value]]));
}

/**
 * The copies of a message that a subscription's rules make of it: one for all matching rules without action
 * together, and one for each matching rule with an action, which carries the rule's name as `RuleName`.
 */
export function copiesFor(rules: Iterable<Rule>, message: BrokerMessage): BrokerMessage[] {
  const copies: BrokerMessage[] = [];
  let plain = false;
  for (const rule of rules) {
    if (!rule.matches(message)) continue;
    if (rule.act !== undefined) copies.push(rule.act(message));
    else plain = true;
  }
  return plain ? [message, ...copies] : copies;
}
