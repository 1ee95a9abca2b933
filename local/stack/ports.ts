/** The ports of the local stack: the customary ones of each service, all moved by the same offset. */
export interface StackPorts {
  readonly functions: number;
  readonly blob: number;
  readonly cosmos: number;
  readonly serviceBus: number;
  readonly serviceBusHealth: number;
  readonly issuer: number;
}

export function portsFrom(offset: number): StackPorts {
  return {
    functions: 7071 + offset,
    blob: 10_000 + offset,
    cosmos: 8081 + offset,
    serviceBus: 5672 + offset,
    serviceBusHealth: 5300 + offset,
    issuer: 7075 + offset,
  };
}

/** Six ports in a row, for a stack that must stay below the range from which the system takes ports by itself. */
export const portsInRow = (first: number): StackPorts => ({
  functions: first,
  blob: first + 1,
  cosmos: first + 2,
  serviceBus: first + 3,
  serviceBusHealth: first + 4,
  issuer: first + 5,
});
