/** What a trust decides before it deploys, with what the parameter file says now. */
import { at, textOf, type Value } from '../../bicep/evaluate/values.js';
import { parameterFile } from '../files.js';
import { appSettings, type Infrastructure } from '../infrastructure.js';

export interface Decision {
  readonly what: string;
  readonly value: string;
  /** Parameter that says so. */
  readonly where: string;
  /** Whether it still says what the example says. */
  readonly open: boolean;
}

/** Parameters, each with the question that it answers. */
const questions: readonly (readonly [string, string])[] = [
  ['tags.owner', 'Which team answers for it'],
  ['tags.costCentre', 'Who pays'],
  ['tags.dataClassification', 'Patients, or synthetic people only'],
  ['features.entrance', 'How clients come in: directly, from the private network, from the internet'],
  ['features.zoneRedundant', 'Over the zones of the region'],
  ['features.secondRegion', 'Copies in the second region'],
  ['features.customerManagedKeys', 'Keys of the trust for data at rest'],
  ['features.fixedEgressAddress', 'A fixed address for allow-lists of national services'],
  ['features.privateTelemetry', 'Telemetry over a private link only'],
  ['features.defender', 'Defender plans of the subscription'],
  ['features.policies', 'Policy assignments on the resource groups'],
  ['features.locks', 'Locks against deletion'],
  ['network.addressPrefix', 'Address range of the network, agreed with the hub'],
  ['network.operatorRanges', 'Where operators and runners come from'],
  ['secondNetwork.addressPrefix', 'Address range of the network of the second region'],
  ['network.hubZoneIds', 'DNS zones of the hub, or zones of its own'],
  ['sizes.cosmosCapacity', 'Cosmos DB paid by request or by throughput'],
  ['sizes.serviceBusTier', 'Tier of Service Bus'],
  ['sizes.immutableDays', 'Days in which nobody can delete a raw message'],
  ['sizes.logDays', 'Days that logs are kept'],
  ['sizes.monthlyBudget', 'Budget of a month'],
  ['contacts.onCall', 'Who is told of alerts'],
  ['contacts.privacy', 'Who is told of broken glass, and of reads past the exchange'],
  ['contacts.webhook', 'Incident tool that takes alerts'],
  ['gateway.hostName', 'Host name on the internet'],
  ['gateway.allowedCountries', 'Countries whose addresses may come in'],
  ['location', 'Region of everything'],
  ['secondLocation', 'Region that takes over'],
  ['topicsClosed', 'Topics take no events: only while a new subscription is made'],
  ['restoredCosmosAccount', 'Account that records were restored into'],
  ['recoverKeyVault', 'Takes up a vault that was deleted in the last 90 days'],
  ['runbooksUrl', 'Where runbooks are read'],
  ['budgetStart', 'Month of the first deployment'],
];

/** Settings that carry decisions. */
const settings: readonly (readonly [string, string])[] = [
  ['HDE_TOKEN_AUDIENCE', 'Application of the exchange in Entra ID'],
  ['HDE_FEEDS', 'Feeds: who sends what'],
  ['HDE_ACCESS_POLICY', 'Who may see what'],
];

const isExample = (text: string): boolean => /example|unassigned|api:\/\/hde\b/i.test(text);
const shortened = (text: string): string => (text.length > 50 ? `${text.slice(0, 47)}...` : text);

export function decisionsOf(infra: Infrastructure): readonly Decision[] {
  const file = parameterFile(infra.environment);
  const asked = questions.map(([path, what]) => {
    const found: Value = at(infra.parameters, ...path.split('.')) ?? null;
    const text = found === null ? 'not set' : textOf(found);
    return { what, value: shortened(text), where: `${file}: ${path}`, open: isExample(text) };
  });
  const set = appSettings(infra);
  const answered = settings.map(([name, what]) => {
    const text = textOf(set[name] ?? 'not set');
    return { what, value: shortened(text), where: `${file}: settings.${name}`, open: isExample(text) };
  });
  return [...asked, ...answered];
}
