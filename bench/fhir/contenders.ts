/** The servers that are compared, each in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { type Connection, openConnection } from './connection.js';

export interface Contender {
  readonly name: string;
  readonly connections: readonly Connection[];
  /** Milliseconds of processor time that its process has used, all threads; NaN of one that is not ours. */
  cpuMs(): Promise<number>;
  close(): void;
}

/** One that runs already. */
export async function openContender(name: string, port: number, connections: number): Promise<Contender> {
  const opened = await Promise.all(Array.from({ length: connections }, () => openConnection(port)));
  return {
    name,
    connections: opened,
    cpuMs: () => Promise.resolve(NaN),
    close: () => {
      for (const connection of opened) connection.close();
    },
  };
}

/** Starts one and opens connections to it. */
export async function startContender(
  script: string,
  [name, ...rest]: readonly [name: string, ...rest: string[]],
  {
    connections,
    env = {},
  }: { readonly connections: number; readonly env?: Readonly<Record<string, string>> },
): Promise<Contender> {
  const child = fork(script, [name, ...rest], { env: { ...process.env, ...env } });
  const { port } = await messageOf<{ port: number }>(child, name);
  const opened = await openContender(name, port, connections);
  return {
    ...opened,
    cpuMs: async () => {
      const told = messageOf<{ cpuMs: number }>(child, name);
      child.send('cpu');
      return (await told).cpuMs;
    },
    close: () => {
      opened.close();
      child.disconnect();
    },
  };
}

function messageOf<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => {
      reject(new Error(`${name} ended`));
    };
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}
