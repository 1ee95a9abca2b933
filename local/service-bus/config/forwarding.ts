import type { NamespaceConfig, ReceivingConfig } from './namespace-config.js';

/**
 * Checks that every forwarding target exists and that no chain of forwarding leads back to its start.
 * A dead-letter queue that forwards is a link of the chain too.
 */
export function checkForwarding(namespace: NamespaceConfig, problems: string[]): void {
  const targets = forwardingTargets(namespace);
  for (const [source, { direct, onward }] of targets) {
    for (const target of direct) {
      if (!targets.has(target.toLowerCase()) || target.toLowerCase().includes('/subscriptions/')) {
        problems.push(`'${source}' forwards to '${target}', which is no queue or topic of this namespace`);
      }
    }
    if (leadsBack(source, onward, targets))
      problems.push(`'${source}' forwards to itself, directly or through others`);
  }
}

interface Targets {
  /** Named in the entity's settings. */
  readonly direct: readonly string[];
  /** Where a message can go next, in lower case; a topic leads to its subscriptions. */
  readonly onward: readonly string[];
}

function forwardingTargets({ queues, topics }: NamespaceConfig): Map<string, Targets> {
  const targets = new Map<string, Targets>();
  const add = (path: string, { forwardTo, forwardDeadLettersTo }: ReceivingConfig): void => {
    const direct = [forwardTo, forwardDeadLettersTo].filter((target) => target !== undefined);
    targets.set(path.toLowerCase(), { direct, onward: direct.map((target) => target.toLowerCase()) });
  };
  for (const queue of queues) add(queue.name, queue);
  for (const topic of topics) {
    const paths = topic.subscriptions.map((entry) =>
      `${topic.name}/subscriptions/${entry.name}`.toLowerCase(),
    );
    targets.set(topic.name.toLowerCase(), { direct: [], onward: paths });
    for (const entry of topic.subscriptions) add(`${topic.name}/subscriptions/${entry.name}`, entry);
  }
  return targets;
}

function leadsBack(start: string, onward: readonly string[], targets: ReadonlyMap<string, Targets>): boolean {
  const seen = new Set<string>();
  const open = [...onward];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (path === start) return true;
    if (seen.has(path)) continue;
    seen.add(path);
    open.push(...(targets.get(path)?.onward ?? []));
  }
  return false;
}
