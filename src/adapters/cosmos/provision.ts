import {
  PartitionKeyDefinitionVersion,
  type ContainerRequest,
  type CosmosClient,
  type IndexingPolicy,
} from '@azure/cosmos';
import topology from '../../../infra/topology/cosmos.json' with { type: 'json' };

/**
 * Creates the database and containers of the topology where they are absent. For the local stack and tests: in
 * Azure the infrastructure does it, and the application has no right to.
 */
export async function provisionCosmos(client: CosmosClient): Promise<void> {
  const { database } = await client.databases.createIfNotExists({ id: topology.database });
  for (const container of topology.containers) {
    await database.containers.createIfNotExists(containerDefinition(container));
  }
}

type TopologyContainer = (typeof topology.containers)[number];

function containerDefinition(container: TopologyContainer): ContainerRequest {
  const indexingPolicy = {
    indexingMode: 'consistent',
    automatic: true,
    includedPaths: container.includedPaths.map((path) => ({ path })),
    excludedPaths: container.excludedPaths.map((path) => ({ path })),
    compositeIndexes: container.compositeIndexes,
  } as IndexingPolicy;
  return {
    id: container.name,
    partitionKey: { paths: [container.partitionKey], version: PartitionKeyDefinitionVersion.V2 },
    indexingPolicy,
    // -1: nothing expires unless it says so itself.
    defaultTtl: container.defaultTtlSeconds,
  };
}
