/** The syntax tree of Bicep files (https://learn.microsoft.com/azure/azure-resource-manager/bicep/file), as far as this project reads it. */

/** Where something stands in its file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Expression = Place &
  (
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'integer'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
    /** `'a${b}c'`: one more text than expressions. */
    | {
        readonly kind: 'interpolation';
        readonly texts: readonly string[];
        readonly expressions: readonly Expression[];
      }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'object'; readonly members: readonly Member[] }
    | { readonly kind: 'array'; readonly items: readonly (Expression | Spread)[] }
    | { readonly kind: 'property'; readonly of: Expression; readonly name: string; readonly safe: boolean }
    | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression; readonly safe: boolean }
    /** A nested resource: `parent::child`. */
    | { readonly kind: 'nested'; readonly of: Expression; readonly name: string }
    | {
        readonly kind: 'call';
        readonly of: Expression | undefined;
        readonly name: string;
        readonly args: readonly Expression[];
      }
    | { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: Expression }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | {
        readonly kind: 'binary';
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'conditional';
        readonly condition: Expression;
        readonly then: Expression;
        readonly otherwise: Expression;
      }
    /** `value!` and `(value)`, which mean their operand. */
    | { readonly kind: 'wrapped'; readonly operand: Expression; readonly by: '!' | '()' }
    | {
        readonly kind: 'for';
        readonly item: string;
        readonly index: string | undefined;
        readonly source: Expression;
        readonly body: Expression;
      }
    /** The body of a conditional resource or module: `if (condition) { ... }`. */
    | { readonly kind: 'if'; readonly condition: Expression; readonly body: Expression }
  );

export type Spread = Place & { readonly kind: 'spread'; readonly operand: Expression };

/** What stands in an object: a property, a spread, or a nested resource. */
export type Member =
  | (Place & { readonly kind: 'member'; readonly key: string | Expression; readonly value: Expression })
  | Spread
  | Deployed;

export type TypeExpression = Place &
  (
    | { readonly kind: 'type-name'; readonly name: string; readonly args: readonly TypeExpression[] }
    | { readonly kind: 'type-literal'; readonly value: Expression }
    | { readonly kind: 'type-union'; readonly of: readonly TypeExpression[] }
    | { readonly kind: 'type-object'; readonly members: readonly TypeMember[] }
    | { readonly kind: 'type-tuple'; readonly of: readonly TypeExpression[] }
    | { readonly kind: 'type-array'; readonly of: TypeExpression }
    | { readonly kind: 'type-nullable'; readonly of: TypeExpression }
    /** `of.name`, `of[*]`, `of!` and the like. */
    | { readonly kind: 'type-part'; readonly of: TypeExpression }
  );

export interface TypeMember extends Place {
  readonly name: string;
  readonly type: TypeExpression;
  readonly decorators: readonly Expression[];
}

interface Declared extends Place {
  readonly decorators: readonly Expression[];
}

export type Parameter = Declared & {
  readonly kind: 'param';
  readonly name: string;
  readonly type: TypeExpression | undefined;
  readonly value: Expression | undefined;
};

export type Variable = Declared & {
  readonly kind: 'var';
  readonly name: string;
  readonly type: TypeExpression | undefined;
  readonly value: Expression;
};

export type Output = Declared & {
  readonly kind: 'output';
  readonly name: string;
  readonly type: TypeExpression | undefined;
  readonly value: Expression;
};

/** A resource or a module. */
export type Deployed = Declared & {
  readonly kind: 'resource' | 'module';
  readonly name: string;
  /** `type@apiVersion`, or the file of a module. */
  readonly reference: Expression;
  readonly existing: boolean;
  readonly body: Expression;
};

export type FunctionDeclaration = Declared & {
  readonly kind: 'func';
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: TypeExpression }[];
  readonly returns: TypeExpression;
  readonly body: Expression;
};

export type Import = Declared & {
  readonly kind: 'import';
  readonly from: string;
  /** Imported names; `import * as x` has one, `*`. */
  readonly names: readonly { readonly name: string; readonly as: string }[];
};

export type Statement =
  | Parameter
  | Variable
  | Output
  | Deployed
  | FunctionDeclaration
  | Import
  | (Declared & { readonly kind: 'type'; readonly name: string; readonly type: TypeExpression })
  | (Declared & { readonly kind: 'targetScope'; readonly value: Expression })
  | (Declared & { readonly kind: 'metadata'; readonly name: string; readonly value: Expression })
  | (Declared & { readonly kind: 'using' | 'extends'; readonly value: Expression | undefined });

export interface BicepFile {
  readonly statements: readonly Statement[];
  /** Rules that `#disable-next-line` turns off, by the line that they are turned off for. */
  readonly disabled: ReadonlyMap<number, readonly string[]>;
}

/** What cannot be read, with its place. */
export class BicepSyntaxError extends Error {
  constructor(
    message: string,
    readonly place: Place,
  ) {
    super(`${message} at ${place.line}:${place.column}`);
    this.name = 'BicepSyntaxError';
  }
}
