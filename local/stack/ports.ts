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
