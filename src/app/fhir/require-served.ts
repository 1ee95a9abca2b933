import { ExchangeError } from '../../core/errors.js';
import { findServedType, type ServedOperation, type ServedType } from '../../core/fhir/interactions.js';

/**
 * The type's row in the table of interactions.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED when the type, HDE_ROUTE_NOT_FOUND when only the interaction is not
 * served
 */
export function requireServed(
  type: string,
  interaction: ServedType['interactions'][number] | ServedOperation['name'],
): ServedType {
  const served = findServedType(type);
  if (served === undefined) throw new ExchangeError('HDE_TYPE_NOT_SUPPORTED');
  const { interactions, operations } = served;
  const isClaimed =
    interactions.some((each) => each === interaction) || operations.some(({ name }) => name === interaction);
  if (!isClaimed) throw new ExchangeError('HDE_ROUTE_NOT_FOUND');
  return served;
}
