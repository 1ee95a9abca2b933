/** Rights on the subscription that a deployment takes, from the types of resources in it. */
import { type Infrastructure, ofType } from '../infrastructure.js';

export interface Right {
  /** Built-in role of Azure, on the subscription unless it says otherwise. */
  readonly right: string;
  readonly why: string;
}

/** Roles that resources of a type take beyond Contributor. */
const beyondContributor: readonly (readonly [string, string, string])[] = [
  [
    'Microsoft.Authorization/roleAssignments',
    'Role Based Access Control Administrator',
    'roles of the app on queues, containers and the vault; limit it to the roles that the plan lists',
  ],
  ['Microsoft.Authorization/locks', 'Locks Contributor', 'locks of what holds data'],
  [
    'Microsoft.Authorization/policyAssignments',
    'Resource Policy Contributor',
    'policy assignments on the resource group',
  ],
  ['Microsoft.Security/pricings', 'Security Admin', 'Defender plans of the subscription'],
];

export function rightsOf(infra: Infrastructure): readonly Right[] {
  const needed = beyondContributor.filter(([type]) => ofType(infra, type).length > 0);
  const stack = { right: 'Azure Deployment Stack Owner', why: 'the deployment stack with its deny settings' };
  const usesHub = infra.parameters['network'];
  const hubs = JSON.stringify(usesHub ?? {}).includes('hubZoneIds')
    ? [
        {
          right: 'Private DNS Zone Contributor (on the zones of the hub)',
          why: 'addresses of private endpoints',
        },
      ]
    : [];
  return [
    { right: 'Contributor', why: 'the resource group and all services in it' },
    ...needed.map(([, right, why]) => ({ right, why })),
    ...(infra.environment === 'dev' ? [] : [stack]),
    ...hubs,
    {
      right: 'Application Administrator (Entra ID)',
      why: 'once: the application of the exchange and its app roles',
    },
  ];
}
