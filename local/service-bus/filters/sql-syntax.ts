import type { PropertyField } from '../message/broker-message.js';

/** A property of the message, in the `sys` or the `user` scope. */
export type SqlProperty =
  | { readonly scope: 'sys'; readonly field: PropertyField }
  | { readonly scope: 'user'; readonly name: string };

/** Comparison operators. */
export type SqlComparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** Arithmetic operators. */
export type SqlArithmetic = '+' | '-' | '*' | '/' | '%';

/** The syntax tree of an expression. */
export type SqlExpression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'property'; readonly property: SqlProperty }
  | { readonly kind: 'newid' }
  | { readonly kind: 'exists'; readonly property: SqlProperty }
  | { readonly kind: 'isNull'; readonly operand: SqlExpression; readonly negated: boolean }
  | { readonly kind: 'not'; readonly operand: SqlExpression }
  | { readonly kind: 'negate'; readonly operand: SqlExpression }
  | { readonly kind: 'and' | 'or'; readonly left: SqlExpression; readonly right: SqlExpression }
  | {
      readonly kind: 'compare';
      readonly operator: SqlComparison;
      readonly left: SqlExpression;
      readonly right: SqlExpression;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: SqlArithmetic;
      readonly left: SqlExpression;
      readonly right: SqlExpression;
    }
  | {
      readonly kind: 'in';
      readonly operand: SqlExpression;
      readonly items: readonly SqlExpression[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'like';
      readonly operand: SqlExpression;
      readonly matches: (text: string) => boolean;
      readonly negated: boolean;
    };

/** One statement of an action. */
export type SqlStatement =
  | { readonly kind: 'set'; readonly property: SqlProperty; readonly value: SqlExpression }
  | { readonly kind: 'remove'; readonly name: string };
