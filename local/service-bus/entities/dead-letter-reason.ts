/** Why a message is in a dead-letter queue, in the properties and the words of Service Bus. */
export type DeadLetterReason = ReadonlyMap<string, unknown>;

const reason = (code: string, description: string): DeadLetterReason =>
  new Map([
    ['DeadLetterReason', code],
    ['DeadLetterErrorDescription', description],
  ]);

export const expired = reason('TTLExpiredException', 'The message expired and was dead lettered.');

export const withoutSession = reason(
  'Session ID is null',
  'Session enabled entity does not allow a message whose session identifier is null.',
);

export const afterDeliveries = (count: number): DeadLetterReason =>
  reason('MaxDeliveryCountExceeded', `Message could not be consumed after ${count} delivery attempts.`);
