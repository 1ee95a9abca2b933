/** All rules over what an environment would deploy; docs/reference/infrastructure.md lists them. */
import type { Infrastructure } from '../infrastructure.js';
import { azureRules } from './azure.js';
import { doorRules } from './doors.js';
import { frontRules } from './front.js';
import { gatewayRules } from './gateway.js';
import { governanceRules } from './governance.js';
import { keyRules } from './keys.js';
import { networkRules } from './network.js';
import { orderRules } from './order.js';
import { pathRules } from './paths.js';
import { promiseRules } from './promises.js';
import { queryRules } from './queries.js';
import { resilienceRules } from './resilience.js';
import { rightRules } from './rights.js';
import type { Rule } from './rule.js';
import { topologyRules } from './topology.js';
import { watchingRules } from './watching.js';

export const rules: readonly Rule[] = [
  ...topologyRules,
  ...promiseRules,
  ...keyRules,
  ...rightRules,
  ...networkRules,
  ...pathRules,
  ...doorRules,
  ...gatewayRules,
  ...frontRules,
  ...orderRules,
  ...resilienceRules,
  ...watchingRules,
  ...queryRules,
  ...governanceRules,
  ...azureRules,
];

export interface Breach {
  readonly rule: string;
  readonly message: string;
}

/** What does not hold, by rule. */
export const breachesOf = (infra: Infrastructure): readonly Breach[] =>
  rules.flatMap(({ name, check }) => check(infra).map((message) => ({ rule: name, message })));
