/**
 * The types of Azure's resources, as `bicep-types-az` writes them (types.json): one file for each type and API version,
 * `Microsoft.Storage_storageAccounts@2025-08-01.json`, in a folder that `BICEP_TYPES` names. They belong to Microsoft and
 * are not part of this project.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Reference {
  /** `#/12`: the type with this index. */
  readonly $ref: string;
}

export interface PropertyType {
  readonly type: Reference;
  /** 1 required, 2 read-only. */
  readonly flags: number;
}

export type ResourceType =
  | {
      readonly $type: 'ObjectType';
      readonly properties: Readonly<Record<string, PropertyType>>;
      readonly additionalProperties?: Reference;
    }
  | {
      readonly $type: 'DiscriminatedObjectType';
      readonly discriminator: string;
      readonly baseProperties: Readonly<Record<string, PropertyType>>;
      readonly elements: Readonly<Record<string, Reference>>;
    }
  | { readonly $type: 'ArrayType'; readonly itemType: Reference }
  | { readonly $type: 'UnionType'; readonly elements: readonly Reference[] }
  | { readonly $type: 'StringLiteralType'; readonly value: string }
  | { readonly $type: 'StringType'; readonly minLength?: number; readonly maxLength?: number }
  | { readonly $type: 'IntegerType'; readonly minValue?: number; readonly maxValue?: number }
  | { readonly $type: 'BooleanType' | 'AnyType' | 'NullType' };

export type TypeList = readonly ResourceType[];

export const typeAt = (types: TypeList, { $ref }: Reference): ResourceType | undefined =>
  types[Number($ref.replace('#/', ''))];

export interface ResourceTypes {
  /** The types of a resource, its body first; undefined where the type or its version is unknown. */
  readonly find: (type: string, apiVersion: string) => TypeList | undefined;
  /** Whether there is any version of the type: a folder holds some types only. */
  readonly has: (type: string) => boolean;
}

/** Reads a folder of types, each file when it is first asked for. */
export function resourceTypesIn(folder: string): ResourceTypes {
  const files = new Map(readdirSync(folder).map((name) => [name.toLowerCase(), name]));
  const read = new Map<string, TypeList>();
  const types = new Set([...files.keys()].map((name) => name.replace(/@.*/, '')));
  const find: ResourceTypes['find'] = (type, apiVersion) => {
    const file = files.get(`${type.replaceAll('/', '_')}@${apiVersion}.json`.toLowerCase());
    if (file === undefined) return undefined;
    const known = read.get(file);
    if (known !== undefined) return known;
    const list = JSON.parse(readFileSync(join(folder, file), 'utf8')) as TypeList;
    read.set(file, list);
    return list;
  };
  return { find, has: (type) => types.has(type.replaceAll('/', '_').toLowerCase()) };
}
