/** The settings of the process: read once, checked as a whole, and the only place that looks at the environment. */
import { z } from 'zod';
import type { BlobConnection } from '../adapters/blob/raw-archive.js';
import type { CosmosConnection } from '../adapters/cosmos/connect.js';
import type { ServiceBusConnection } from '../adapters/service-bus/messaging.js';
import type { TokenIssuer } from '../adapters/auth/token-verifier.js';
import { defaultLimits, type Limits } from '../adapters/throttling/limiter.js';
import type { Feed } from '../core/feed.js';
import type { AccessPolicy } from '../core/governance/access-policy.js';
import type { PackRegistry } from '../core/mapping/engine/pack-registry.js';
import { loadAccessPolicy } from './access-policy.js';
import { parseFeeds } from './feeds.js';
import { parseOrigins } from './origins.js';
import { trustedAddress } from './registered-clients.js';
import { issuerOfService, readSigningKeys, tokenServiceAt, type TokenService } from './signing-keys.js';
import { faultsOfSecrets } from './secrets.js';
import { loadSitePacks, sitePackRegistry } from './site-packs.js';
import { loadTokenIssuers, requireDistinct } from './token-issuers.js';
import type { TelemetrySettings } from './telemetry/open.js';

export interface Config {
  readonly cosmos: CosmosConnection;
  readonly serviceBus: ServiceBusConnection;
  readonly storage: BlobConnection;
  readonly identitySecret: string;
  /** Whose tokens are acceptable; the first is that of HDE_TOKEN_ISSUER. */
  readonly issuers: readonly TokenIssuer[];
  /** What issues tokens for SMART backend services; undefined: nothing does. */
  readonly tokenService: TokenService | undefined;
  /** In which the gateway forwards the certificate of a client, in lower case; undefined: nobody is asked for one. */
  readonly certificateHeader: string | undefined;
  readonly feeds: ReadonlyMap<string, Feed>;
  /** The built-in packs and those of `HDE_PACKS`; each feed's pack is among them. */
  readonly packs: PackRegistry;
  readonly accessPolicy: AccessPolicy;
  readonly reconcileAfterSeconds: number;
  /** Messages that may wait before senders are told to wait. */
  readonly backlogLimit: number;
  /** Age of the oldest waiting message from which it is an alert. */
  readonly backlogAlertSeconds: number;
  /** How long a bulk export is kept once it is done, in hours. */
  readonly exportHours: number;
  /** Of requests to each dependency. */
  readonly limits: Limits;
  /** Address of the exchange as clients see it, without a slash at its end; undefined: as each request says. */
  readonly publicUrl: string | undefined;
  /** Of web applications that may call from a browser. */
  readonly corsOrigins: readonly string[];
  /** Of one client, to this process. */
  readonly rateLimitPerMinute: number;
  readonly telemetry: TelemetrySettings;
}

const environmentSchema = z.object({
  HDE_COSMOS: z.string().optional(),
  HDE_COSMOS__accountEndpoint: z.url().optional(),
  HDE_COSMOS__clientId: z.string().optional(),
  HDE_SERVICEBUS: z.string().optional(),
  HDE_SERVICEBUS__fullyQualifiedNamespace: z.string().optional(),
  HDE_SERVICEBUS__clientId: z.string().optional(),
  HDE_STORAGE: z.string().optional(),
  HDE_STORAGE__blobServiceUri: z.url().optional(),
  HDE_STORAGE__clientId: z.string().optional(),
  HDE_IDENTITY_SECRET: z.string().min(32),
  HDE_TOKEN_ISSUER: z.url(),
  HDE_TOKEN_AUDIENCE: z.string().min(1),
  HDE_TOKEN_JWKS_URI: trustedAddress,
  HDE_TOKEN_STAFF_ASSURANCE: z.coerce.number().int().min(1).max(3).optional(),
  HDE_TOKEN_ISSUERS: z.string().default('[]').transform(readBy(loadTokenIssuers)),
  HDE_TOKEN_SIGNING_KEY: z.string().transform(readBy(readSigningKeys)).optional(),
  HDE_CLIENT_CERTIFICATE_HEADER: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/)
    .transform((name) => name.toLowerCase())
    .optional(),
  HDE_FEEDS: z.string().transform(readBy(parseFeeds)),
  HDE_PACKS: z
    .string()
    .default('[]')
    .transform(readBy((packs) => sitePackRegistry(loadSitePacks(packs)))),
  HDE_ACCESS_POLICY: z.string().transform(readBy(loadAccessPolicy)),
  HDE_PUBLIC_URL: z.url().optional(),
  HDE_CORS_ORIGINS: z.string().default('').transform(readBy(parseOrigins)),
  HDE_RATE_LIMIT_PER_MINUTE: z.coerce.number().int().positive().default(12_000),
  APPLICATIONINSIGHTS_CONNECTION_STRING: z.string().optional(),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_METRIC_EXPORT_INTERVAL: z.coerce.number().int().min(100).default(60_000),
  HDE_TRACE_RATIO: z.coerce.number().min(0).max(1).default(1),
  HDE_RECONCILE_AFTER_SECONDS: z.coerce.number().int().positive().default(600),
  HDE_EXPORT_HOURS: z.coerce.number().int().positive().max(168).default(24),
  HDE_BACKLOG_LIMIT: z.coerce.number().int().positive().default(50_000),
  HDE_BACKLOG_ALERT_SECONDS: z.coerce.number().int().positive().default(900),
  HDE_MAX_IN_FLIGHT: z.coerce.number().int().positive().default(defaultLimits.mostInFlight),
  HDE_MAX_WAITING: z.coerce.number().int().nonnegative().default(defaultLimits.mostWaiting),
  HDE_MAX_WAIT_SECONDS: z.coerce
    .number()
    .positive()
    .max(60)
    .default(defaultLimits.longestWaitMs / 1000),
});

type Environment = z.infer<typeof environmentSchema>;

/** Reads the settings, or throws an error that names every faulty one and none of their values. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = environmentSchema.safeParse(environment);
  const faults = faultsOfSecrets(environment);
  for (const { path, message } of parsed.error?.issues ?? []) faults.push(`${path.join('.')}: ${message}`);
  if (!parsed.success || faults.length > 0)
    throw new Error(`Settings are missing or wrong. ${faults.join('; ')}`);
  const settings = parsed.data;
  requirePacks(settings.HDE_FEEDS, settings.HDE_PACKS);
  requireCertificateHeader(settings);
  return {
    cosmos: cosmosConnection(settings),
    serviceBus: serviceBusConnection(settings),
    storage: storageConnection(settings),
    identitySecret: settings.HDE_IDENTITY_SECRET,
    ...issuersOf(settings),
    certificateHeader: settings.HDE_CLIENT_CERTIFICATE_HEADER,
    feeds: new Map(settings.HDE_FEEDS.map((feed) => [feed.id, feed])),
    packs: settings.HDE_PACKS,
    accessPolicy: settings.HDE_ACCESS_POLICY,
    reconcileAfterSeconds: settings.HDE_RECONCILE_AFTER_SECONDS,
    exportHours: settings.HDE_EXPORT_HOURS,
    backlogLimit: settings.HDE_BACKLOG_LIMIT,
    backlogAlertSeconds: settings.HDE_BACKLOG_ALERT_SECONDS,
    limits: {
      mostInFlight: settings.HDE_MAX_IN_FLIGHT,
      mostWaiting: settings.HDE_MAX_WAITING,
      longestWaitMs: settings.HDE_MAX_WAIT_SECONDS * 1000,
    },
    corsOrigins: settings.HDE_CORS_ORIGINS,
    rateLimitPerMinute: settings.HDE_RATE_LIMIT_PER_MINUTE,
    publicUrl: publicUrlOf(settings),
    telemetry: telemetrySettings(settings),
  };
}

const firstIssuer = (settings: Environment): TokenIssuer => ({
  issuer: settings.HDE_TOKEN_ISSUER,
  audience: settings.HDE_TOKEN_AUDIENCE,
  kind: 'entra',
  keys: { kind: 'address', jwksUri: settings.HDE_TOKEN_JWKS_URI },
  bounds: { staffAssurance: settings.HDE_TOKEN_STAFF_ASSURANCE },
});

function issuersOf(settings: Environment): Pick<Config, 'issuers' | 'tokenService'> {
  const [first, others] = [firstIssuer(settings), settings.HDE_TOKEN_ISSUERS];
  const keys = settings.HDE_TOKEN_SIGNING_KEY;
  if (keys === undefined) return { issuers: requireDistinct([first, ...others]), tokenService: undefined };
  // It stands in tokens: whoever could choose it by the address of a request could make us accept other tokens.
  const publicUrl = publicUrlOf(settings);
  if (publicUrl === undefined)
    throw new Error('Settings are missing or wrong. HDE_PUBLIC_URL: HDE_TOKEN_SIGNING_KEY needs it');
  const tokenService = tokenServiceAt(publicUrl, keys);
  return { issuers: requireDistinct([first, issuerOfService(tokenService), ...others]), tokenService };
}

const publicUrlOf = (settings: Environment): string | undefined =>
  settings.HDE_PUBLIC_URL?.replace(/\/+$/, '');

/** Without it nobody could show a certificate: clients that need one would be refused, and nobody would know why. */
function requireCertificateHeader(settings: Environment): void {
  const needing = settings.HDE_ACCESS_POLICY.clients.find(({ certificates }) => certificates.length > 0);
  if (needing !== undefined && settings.HDE_CLIENT_CERTIFICATE_HEADER === undefined)
    throw new Error(
      `Settings are missing or wrong. HDE_CLIENT_CERTIFICATE_HEADER: the client ${needing.id} needs a certificate`,
    );
}

const withClientId = (clientId: string | undefined) => (clientId === undefined ? {} : { clientId });

function cosmosConnection(settings: Environment): CosmosConnection {
  if (settings.HDE_COSMOS !== undefined) {
    return { kind: 'connection-string', connectionString: settings.HDE_COSMOS };
  }
  const accountEndpoint = required(settings.HDE_COSMOS__accountEndpoint, 'HDE_COSMOS__accountEndpoint');
  return { kind: 'identity', accountEndpoint, ...withClientId(settings.HDE_COSMOS__clientId) };
}

function serviceBusConnection(settings: Environment): ServiceBusConnection {
  if (settings.HDE_SERVICEBUS !== undefined) {
    return { kind: 'connection-string', connectionString: settings.HDE_SERVICEBUS };
  }
  const fullyQualifiedNamespace = required(
    settings.HDE_SERVICEBUS__fullyQualifiedNamespace,
    'HDE_SERVICEBUS__fullyQualifiedNamespace',
  );
  return { kind: 'identity', fullyQualifiedNamespace, ...withClientId(settings.HDE_SERVICEBUS__clientId) };
}

function storageConnection(settings: Environment): BlobConnection {
  if (settings.HDE_STORAGE !== undefined) {
    return { kind: 'connection-string', connectionString: settings.HDE_STORAGE };
  }
  const blobServiceUri = required(settings.HDE_STORAGE__blobServiceUri, 'HDE_STORAGE__blobServiceUri');
  return { kind: 'identity', blobServiceUri, ...withClientId(settings.HDE_STORAGE__clientId) };
}

/** The identity stands in a text that all tools of Application Insights read: `ClientId=...;Authorization=AAD`. */
function telemetrySettings(settings: Environment): TelemetrySettings {
  const connectionString = settings.APPLICATIONINSIGHTS_CONNECTION_STRING;
  const identity = /(?:^|;)ClientId=([^;]+)/i.exec(
    settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? '',
  )?.[1];
  return {
    otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    applicationInsights: connectionString === undefined ? undefined : { connectionString, identity },
    traceRatio: settings.HDE_TRACE_RATIO,
    metricIntervalMs: settings.OTEL_METRIC_EXPORT_INTERVAL,
  };
}

function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  const plain = name.slice(0, name.indexOf('__'));
  throw new Error(`Settings are missing or wrong. ${plain} (connection string) or ${name}: one is required`);
}

/** Makes a reader that throws one that reports: its fault is that of the setting. */
function readBy<T>(read: (text: string) => T): (text: string, context: z.RefinementCtx) => T {
  return (text, context) => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  };
}

/** A feed whose pack is missing would refuse every message. */
function requirePacks(feeds: readonly Feed[], packs: PackRegistry): void {
  for (const { id, pack } of feeds) {
    try {
      packs.find(pack);
    } catch (error) {
      throw new Error(`Settings are missing or wrong. HDE_FEEDS: pack of ${id}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'is not valid');
