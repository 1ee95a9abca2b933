/**
 * The criteria of a search as they stand in the links of its pages. They may tell of a person, and addresses end up in
 * logs: so they are sealed, and no link that we mint repeats an identifier or a name.
 */
import { Buffer } from 'node:buffer';
import type { ParameterPair } from './bundle.js';
import { seal, type Seal, unseal } from './seal.js';

/** The parameter that holds them. It may be repeated: its values are read as one. */
export const criteriaParameter = '_criteria';

/** No value of the parameter is longer. */
const pieceLength = 256;
/** Front ends refuse addresses of 8 kB. */
const maxLength = 6144;

/** The search that the criteria are of. */
export interface CriteriaSeal {
  /** The secret of the deployment. */
  readonly secret: string;
  /** Its address below the base, without parameters: they serve no other. */
  readonly path: string;
}

const sealOf = ({ secret, path }: CriteriaSeal): Seal => ({ secret, kind: 'search criteria', purpose: path });

/** The parameters that stand for criteria in a link; undefined for more than an address has room for. */
export function sealCriteria(
  search: CriteriaSeal,
  criteria: readonly ParameterPair[],
): ParameterPair[] | undefined {
  if (criteria.length === 0) return [];
  const text = seal(sealOf(search), Buffer.from(JSON.stringify(criteria)));
  if (text.length > maxLength) return undefined;
  const pieces = Math.ceil(text.length / pieceLength);
  return Array.from({ length: pieces }, (_, i) => [
    criteriaParameter,
    text.slice(i * pieceLength, (i + 1) * pieceLength),
  ]);
}

/** The parameters of a request with the criteria that were sealed; undefined when those were altered, or are another search's. */
export function openCriteria(
  search: CriteriaSeal,
  parameters: readonly ParameterPair[],
): readonly ParameterPair[] | undefined {
  const pieces = parameters.filter(([name]) => name === criteriaParameter);
  if (pieces.length === 0) return parameters;
  const plain = unseal(sealOf(search), pieces.map(([, piece]) => piece).join(''));
  if (plain === undefined) return undefined;
  const criteria = JSON.parse(plain.toString()) as ParameterPair[];
  return [...criteria, ...parameters.filter(([name]) => name !== criteriaParameter)];
}
