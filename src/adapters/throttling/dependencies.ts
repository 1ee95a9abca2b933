/** What the exchange cannot work without, by the names that errors and logs use; apart from the SDKs, which load late. */
export const dependencyNames = {
  cosmos: 'Cosmos DB',
  blob: 'Blob Storage',
  serviceBus: 'Service Bus',
} as const;
