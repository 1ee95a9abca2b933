import type { LoadedFunction } from './bindings.js';

/**
 * The instances that a process stands for. On Flex Consumption all HTTP functions of an app scale together, on instances
 * of their own, and every other function by itself; here those others share one process.
 */
export type ScaleGroup = 'http' | 'background';

/** Whether the instances of a group serve a function; without a group they serve all. */
export function isServedBy(group: ScaleGroup | undefined, target: LoadedFunction): boolean {
  return group === undefined || isHttp(target) === (group === 'http');
}

/** Whether a function answers requests. */
export const isHttp = ({ trigger }: LoadedFunction): boolean => trigger.type === 'httptrigger';
