import type { Consumer, Settlement } from '../entities/consumer.js';
import type { MessageQueue } from '../entities/queue.js';
import type { Session, SessionWaiter } from '../entities/sessions.js';
import { BrokerError, notAllowed, sessionLockLost, toBrokerError } from '../errors.js';
import type { Clock } from '../clock.js';
import type { Turn } from '../storage/turn.js';
import { messages, types } from './codec.js';
import type { Typed } from './codec.js';
import { tagOf, ticksOf, tokenOf } from './lock-token.js';
import type { Delivery, Sender } from './rhea.js';
import { alwaysAnswerDrain, answerDrain, canSend, closeLink, settleForGood, withholdAttach } from './rhea.js';

const SESSION_FILTER = 'com.microsoft:session-filter';
const LOCKED_UNTIL = 'com.microsoft:locked-until-utc';
const TIMEOUT = 'com.microsoft:timeout';
const DEFAULT_TIMEOUT = 60_000;
const PRE_SETTLED = 1;

/** Outcomes that a client can send for a delivery. */
export type OutcomeName = 'accepted' | 'rejected' | 'modified' | 'released';

/** A client's receiver on a queue: hands out messages and takes their settlements. */
export class OutgoingLink implements Consumer {
  readonly name: string;
  readonly deletesOnReceipt: boolean;
  private session: Session | undefined;
  private lostSession: string | undefined;
  private waiter: SessionWaiter | undefined;

  constructor(
    private readonly sender: Sender,
    private readonly queue: MessageQueue,
    private readonly clock: Clock,
    private readonly turn: Turn,
  ) {
    this.name = sender.name;
    this.deletesOnReceipt = sender.snd_settle_mode === PRE_SETTLED;
    alwaysAnswerDrain(sender);
  }

  /**
   * Answers the client's attach. One that waits for a session is answered when there is one.
   *
   * @throws BrokerError when the link is refused
   */
  attach(): void {
    const filter = this.sender.source?.filter ?? {};
    const { sessions } = this.queue;
    if (!(SESSION_FILTER in filter)) {
      if (sessions !== undefined) {
        throw notAllowed(
          'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.',
        );
      }
      this.sender.set_source({ address: this.sender.source?.address });
      this.queue.addConsumer(this);
      return;
    }
    if (sessions === undefined) {
      throw notAllowed(
        'A sessionful message receiver cannot be created on an entity that does not require sessions. Ensure RequiresSession is set to true when creating a Queue or Subscription to enable sessionful behavior.',
      );
    }
    const wanted = types.wrap(filter[SESSION_FILTER]).value;
    const id = typeof wanted === 'string' ? wanted : sessions.next()?.id;
    if (id === undefined) this.waitForSession();
    else this.hold(id);
  }

  canTake(): boolean {
    return canSend(this.sender);
  }

  take(token: string, bytes: Buffer): void {
    this.sender.send(bytes, tagOf(token), 0);
  }

  close(reason: BrokerError): void {
    this.lostSession = this.session?.id;
    this.session = undefined;
    closeLink(this.sender, reason);
  }

  /** The client's credit changed. */
  onFlow(): void {
    this.turn.pump(this.session ?? this.queue);
  }

  /** The client wants its credit used up or given back; what is there goes out first. */
  onDrain(): void {
    this.onFlow();
    this.turn.afterPumps(() => {
      answerDrain(this.sender);
    });
  }

  /** The client settles a message; it is told the result once that is written. */
  onOutcome(name: OutcomeName, delivery: Delivery): void {
    if (delivery.settled) return;
    let answer: Typed;
    try {
      if (this.lostSession !== undefined) throw sessionLockLost(this.lostSession);
      this.queue.settle(tokenOf(delivery.tag), settlementOf(name, delivery.remote_state));
      answer = confirmationOf(name, delivery.remote_state);
    } catch (error) {
      const { condition, message: description } = toBrokerError(error);
      answer = messages.rejected({ error: { condition, description } }).described();
    }
    this.turn.onceWritten(() => {
      settleForGood(delivery, answer);
    });
  }

  /** The client's link is gone. Its messages stay locked until their time is over; a session is free at once. */
  onGone(): void {
    this.queue.removeConsumer(this);
    if (this.session !== undefined) {
      const { session } = this;
      this.session = undefined;
      this.queue.sessions?.release(session, false);
    }
    if (this.waiter === undefined) return;
    this.queue.sessions?.stopWaiting(this.waiter);
    this.waiter = undefined;
    this.sender.open();
    this.sender.close();
  }

  private hold(id: string): void {
    const session = this.queue.sessions?.accept(id, this);
    if (session === undefined) return;
    this.session = session;
    this.sender.set_source({ address: this.sender.source?.address, filter: { [SESSION_FILTER]: id } });
    this.sender.local.attach.properties = { [LOCKED_UNTIL]: ticksOf(session.lockedUntil) };
  }

  private waitForSession(): void {
    const asked = this.sender.properties?.[TIMEOUT];
    const patience = typeof asked === 'number' ? asked : DEFAULT_TIMEOUT;
    withholdAttach(this.sender);
    this.waiter = {
      deadline: this.clock.now() + patience,
      grant: (session) => {
        this.waiter = undefined;
        this.hold(session.id);
        this.sender.open();
      },
      timeOut: () => {
        this.waiter = undefined;
        this.sender.open();
        const why =
          'The operation did not complete within the allotted timeout. There was no session available.';
        closeLink(this.sender, new BrokerError(TIMEOUT, why));
      },
    };
    this.queue.sessions?.wait(this.waiter);
  }
}

interface RemoteState {
  readonly undeliverable_here?: boolean | null;
  readonly message_annotations?: object | null;
  readonly error?: { readonly info?: object | null } | null;
}

function settlementOf(name: OutcomeName, state: unknown): Settlement {
  const { undeliverable_here, message_annotations, error } = (state ?? {}) as RemoteState;
  switch (name) {
    case 'accepted':
      return { kind: 'complete' };
    case 'released':
      return { kind: 'abandon', properties: new Map() };
    case 'rejected':
      return { kind: 'dead-letter', properties: new Map(Object.entries(error?.info ?? {})) };
    case 'modified': {
      const properties = new Map<string, unknown>(Object.entries(message_annotations ?? {}));
      return { kind: undeliverable_here === true ? 'defer' : 'abandon', properties };
    }
  }
}

function confirmationOf(name: OutcomeName, state: unknown): Typed {
  const { undeliverable_here } = (state ?? {}) as RemoteState;
  switch (name) {
    case 'accepted':
      return messages.accepted().described();
    case 'released':
      return messages.released().described();
    case 'rejected':
      return messages.rejected({}).described();
    case 'modified':
      return messages.modified({ undeliverable_here: undeliverable_here === true }).described();
  }
}
