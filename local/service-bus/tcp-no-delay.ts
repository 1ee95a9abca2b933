import { Socket } from 'node:net';

/**
 * Switches Nagle's algorithm off for every TCP connection that this process opens from now on.
 *
 * The AMQP client of `@azure/service-bus` leaves it on, and on the loopback interface it then meets
 * delayed acknowledgement: each small exchange waits up to 40 ms. Development and tests only.
 */
export function disableNagle(): void {
  const connect = Reflect.get(Socket.prototype, 'connect') as (...args: unknown[]) => Socket;
  function connectWithoutDelay(this: Socket, ...args: unknown[]): Socket {
    this.setNoDelay(true);
    return Reflect.apply(connect, this, args);
  }
  Reflect.set(Socket.prototype, 'connect', connectWithoutDelay);
}
