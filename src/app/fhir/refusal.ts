import { ExchangeError, type Issue } from '../../core/errors.js';

/** Findings as what refuses the request. */
export const refusalOf = ({ code, location, detail }: Issue, others: readonly Issue[] = []): ExchangeError =>
  new ExchangeError(code, {
    ...(location === undefined ? {} : { location }),
    ...(detail === undefined ? {} : { detail }),
    others,
  });
