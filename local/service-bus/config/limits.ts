import type { NamespaceConfig, ReceivingConfig } from './namespace-config.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * What Microsoft's emulator would refuse, though the real service and this broker accept it.
 * An empty list means that the same file starts the official emulator.
 */
export function limitWarnings({ queues, topics }: NamespaceConfig): string[] {
  const warnings: string[] = [];
  const limit = (holds: boolean, place: string, rule: string): void => {
    if (!holds) warnings.push(`${place}: ${rule} in Microsoft's emulator`);
  };
  const receiving = (place: string, entity: ReceivingConfig): void => {
    limit(timeToLiveFits(entity.timeToLive), place, 'DefaultMessageTimeToLive is at most PT1H');
    limit(between(entity.lockDuration, 5 * SECOND, 5 * MINUTE), place, 'LockDuration is PT5S to PT5M');
    limit(entity.maxDeliveryCount <= 10, place, 'MaxDeliveryCount is 1 to 10');
  };
  const duplicates = (place: string, window: number): void => {
    const fits = window === 0 || between(window, 5 * SECOND, 5 * MINUTE);
    limit(fits, place, 'DuplicateDetectionHistoryTimeWindow is PT5S to PT5M');
  };
  limit(queues.length + topics.length <= 50, 'the namespace', 'there are at most 50 queues and topics');
  for (const queue of queues) {
    receiving(`queue '${queue.name}'`, queue);
    duplicates(`queue '${queue.name}'`, queue.duplicateWindow);
  }
  for (const topic of topics) {
    const place = `topic '${topic.name}'`;
    limit(timeToLiveFits(topic.timeToLive), place, 'DefaultMessageTimeToLive is at most PT1H');
    duplicates(place, topic.duplicateWindow);
    limit(between(topic.subscriptions.length, 1, 50), place, 'there are 1 to 50 subscriptions');
    for (const entry of topic.subscriptions) receiving(`subscription '${topic.name}/${entry.name}'`, entry);
  }
  return warnings;
}

const between = (value: number, low: number, high: number): boolean => value >= low && value <= high;

/** Without a time to live the emulator takes its own default, PT1H. */
const timeToLiveFits = (timeToLive: number): boolean => timeToLive === Infinity || timeToLive <= HOUR;
