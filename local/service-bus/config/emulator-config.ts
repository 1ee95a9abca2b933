import { z } from 'zod';

const duration = z.string();
const filterText = z.string().min(1).max(1024);
const name = z
  .string()
  .regex(/^[A-Za-z0-9](?:[\w./~-]*[A-Za-z0-9_])?$/, 'is no valid entity name')
  .max(260);

const ruleSchema = z.strictObject({
  Name: z.string().min(1).max(50),
  Properties: z.strictObject({
    FilterType: z.enum(['Correlation', 'Sql']),
    CorrelationFilter: z
      .strictObject({
        ContentType: z.string().optional(),
        CorrelationId: z.string().optional(),
        Label: z.string().optional(),
        MessageId: z.string().optional(),
        ReplyTo: z.string().optional(),
        ReplyToSessionId: z.string().optional(),
        SessionId: z.string().optional(),
        To: z.string().optional(),
        Properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
      })
      .optional(),
    SqlFilter: z.strictObject({ SqlExpression: filterText }).optional(),
    Action: z.strictObject({ SqlExpression: filterText }).optional(),
  }),
});

const receiving = {
  DeadLetteringOnMessageExpiration: z.boolean().optional(),
  DefaultMessageTimeToLive: duration.optional(),
  ForwardDeadLetteredMessagesTo: z.string().optional(),
  ForwardTo: z.string().optional(),
  LockDuration: duration.optional(),
  MaxDeliveryCount: z.int().min(1).max(2000).optional(),
  RequiresSession: z.boolean().optional(),
};

const duplicates = {
  DuplicateDetectionHistoryTimeWindow: duration.optional(),
  RequiresDuplicateDetection: z.boolean().optional(),
};

/** The shape of the emulator's `Config.json`; unknown properties are errors, so that a misspelt one is seen. */
export const emulatorConfigSchema = z.strictObject({
  UserConfig: z.strictObject({
    Namespaces: z
      .array(
        z.strictObject({
          Name: z.string().min(1),
          Queues: z
            .array(
              z.strictObject({
                Name: name,
                Properties: z.strictObject({ ...receiving, ...duplicates }).optional(),
              }),
            )
            .optional(),
          Topics: z
            .array(
              z.strictObject({
                Name: name,
                Properties: z
                  .strictObject({ DefaultMessageTimeToLive: duration.optional(), ...duplicates })
                  .optional(),
                Subscriptions: z
                  .array(
                    z.strictObject({
                      Name: name.max(50),
                      Properties: z.strictObject(receiving).optional(),
                      Rules: z.array(ruleSchema).optional(),
                    }),
                  )
                  .optional(),
              }),
            )
            .optional(),
        }),
      )
      .length(1, 'must hold exactly one namespace'),
    Logging: z.looseObject({ Type: z.string().optional() }).optional(),
  }),
});

/**
 * The configuration file of Microsoft's Service Bus emulator (`Config.json`), as parsed JSON.
 * Durations are ISO 8601 texts.
 */
export type EmulatorConfig = z.input<typeof emulatorConfigSchema>;

/** A rule of a subscription in the emulator's format. */
export type EmulatorRule = z.output<typeof ruleSchema>;
