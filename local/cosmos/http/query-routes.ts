import { queryCharge } from '../charges.js';
import { CosmosError, badRequest } from '../errors.js';
import { checkOrderBy, isFilterIndexed } from '../items/index-rules.js';
import type { Page } from '../items/query.js';
import { queryPage } from '../items/query.js';
import type { Scope } from '../items/scope.js';
import type { Value } from '../json.js';
import { planNeed, planQuery } from '../sql/plan.js';
import type { PreparedQuery } from '../sql/prepare.js';
import { prepareQuery } from '../sql/prepare.js';
import type { Account } from '../storage/account.js';
import type { Container } from '../storage/container.js';
import type { ApiRequest } from './api-request.js';
import type { Reply } from './reply.js';
import { containerHeaders, jsonReply } from './reply.js';

const defaultPage = 1_000;

/**
 * Refuses, as the service does, what a query without a partition key or range must not hold: the client has to
 * spread it over the ranges and merge. (Microsoft's own emulator answers such queries, which hides mistakes.)
 */
function refuseUnplanned(query: PreparedQuery, parameters: ReadonlyMap<string, Value>): void {
  switch (planNeed(query.query)) {
    case 'none':
      return;
    case 'value-aggregates-only':
      throw badRequest("Cross partition query only supports 'VALUE <AggregateFunc>' for aggregates.");
    case 'plan':
      throw new CosmosError(
        400,
        'BadRequest',
        'The provided cross partition query can not be directly served by the gateway.',
        {
          substatus: 1004,
          additionalErrorInfo: JSON.stringify(planQuery(query.query, query.limits(parameters))),
        },
      );
  }
}

function metricsOf(page: Page): string {
  return [
    'totalExecutionTimeInMs=1.00',
    'queryCompileTimeInMs=0.10',
    'queryLogicalPlanBuildTimeInMs=0.00',
    'queryPhysicalPlanBuildTimeInMs=0.00',
    'queryOptimizationTimeInMs=0.00',
    'VMExecutionTimeInMs=0.00',
    'indexLookupTimeInMs=0.00',
    'documentLoadTimeInMs=0.00',
    'systemFunctionExecuteTimeInMs=0.00',
    'userFunctionExecuteTimeInMs=0.00',
    `retrievedDocumentCount=${page.scanned}`,
    `retrievedDocumentSize=${page.bytes}`,
    `outputDocumentCount=${page.rows.length}`,
    `outputDocumentSize=${page.bytes}`,
    'writeOutputTimeInMs=0.00',
    'indexUtilizationRatio=1.00',
  ].join(';');
}

function pageReply(
  request: ApiRequest,
  container: Container,
  scope: Scope,
  page: Page,
  unindexed: boolean,
): Reply {
  const { rid } = container.record;
  const { rows, bytes, continuation, scanned } = page;
  const charge = queryCharge({ rows: rows.length, bytes, scanned: unindexed ? scanned : 0 });
  const metrics = request.flag('x-ms-documentdb-populatequerymetrics')
    ? { 'x-ms-documentdb-query-metrics': metricsOf(page) }
    : {};
  return {
    status: 200,
    headers: {
      ...containerHeaders(container, scope.range),
      'x-ms-request-charge': String(charge),
      'x-ms-item-count': String(rows.length),
      ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
      ...metrics,
    },
    body: `{"_rid":${JSON.stringify(rid)},"Documents":[${rows.join(',')}],"_count":${rows.length}}`,
  };
}

/** Answers a query over the items of the scope, one page at a time. */
export function answerQuery(
  account: Account,
  request: ApiRequest,
  container: Container,
  scope: Scope,
): Reply {
  const { sql, parameters } = request.query();
  const query = prepareQuery(sql);
  const { indexingPolicy } = container.record.definition;
  if (scope.key === undefined && scope.range === undefined) {
    if (!request.flag('x-ms-documentdb-query-enablecrosspartition')) {
      throw badRequest('Cross partition query is required but disabled.');
    }
    refuseUnplanned(query, parameters);
  }
  checkOrderBy(query.query, indexingPolicy);
  const page = queryPage(container, query, {
    scope,
    parameters,
    maxItems: request.maxItems(defaultPage),
    continuation: request.header('x-ms-continuation'),
    nowSeconds: account.nowSeconds,
  });
  return pageReply(request, container, scope, page, !isFilterIndexed(query.query, indexingPolicy));
}

/** Answers the plan of a query. */
export function answerPlan(request: ApiRequest, container: Container): Reply {
  const { sql, parameters } = request.query();
  const { query, limits } = prepareQuery(sql);
  return jsonReply(200, planQuery(query, limits(parameters)), containerHeaders(container));
}

/** Answers all items of the scope, one page at a time. */
export function answerReadAll(
  account: Account,
  request: ApiRequest,
  container: Container,
  scope: Scope,
): Reply {
  const page = queryPage(container, prepareQuery('SELECT * FROM c'), {
    scope,
    parameters: new Map(),
    maxItems: request.maxItems(defaultPage),
    continuation: request.header('x-ms-continuation'),
    nowSeconds: account.nowSeconds,
  });
  return pageReply(request, container, scope, page, false);
}
