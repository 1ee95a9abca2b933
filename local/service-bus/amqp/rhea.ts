/**
 * The parts of rhea 3.0.5 that the broker touches, typed, and the corrections that a server of this kind
 * needs. Some of them reach into rhea's internals, so the version is pinned, and each has a test that fails
 * without it (test/contract/service-bus/rhea-traps.test.ts).
 */
import type { Typed } from './codec.js';

/** State of one transfer. */
export interface Delivery {
  readonly tag: Buffer;
  readonly format: number;
  settled: boolean;
  remote_settled: boolean;
  readonly remote_state?: unknown;
  update(settled: boolean, state: Typed): void;
  accept(): void;
  reject(error: AmqpErrorFields): void;
}

/** An AMQP error as it goes over the wire. */
export interface AmqpErrorFields {
  readonly condition: string;
  readonly description: string;
}

interface Terminus {
  readonly address?: string | null;
  readonly filter?: Readonly<Record<string, unknown>> | null;
}

interface Attach {
  snd_settle_mode?: number;
  rcv_settle_mode?: number;
  max_message_size?: number;
  properties?: Record<string, Typed>;
}

interface Link {
  readonly name: string;
  readonly source: Terminus | null;
  readonly target: Terminus | null;
  readonly properties?: Readonly<Record<string, unknown>> | null;
  readonly snd_settle_mode: number;
  readonly rcv_settle_mode: number;
  readonly session: Session;
  readonly connection: Connection;
  readonly local: { readonly attach: Attach };
  readonly state: { local_open: boolean; open_requests: number };
  set_source(fields: object): void;
  set_target(fields: object): void;
  open(): void;
  close(error?: AmqpErrorFields): void;
  is_open(): boolean;
}

/** A link on which the broker sends: the client's receiver. */
export interface Sender extends Link {
  credit: number;
  delivery_count: number;
  readonly _draining: boolean;
  readonly _drained: boolean;
  _get_drain: () => boolean;
  set_drained(drained: boolean): void;
  send(message: Buffer | object, tag?: Buffer, format?: number): Delivery;
}

/** A link on which the broker receives: the client's sender. */
export interface Receiver extends Link {
  readonly _incomplete?: { readonly frames?: Buffer[] };
}

interface TransferFrame {
  readonly performative: {
    readonly delivery_id?: number | null;
    message_format?: number | null;
  };
  payload?: Buffer;
}

/** An AMQP session; every link of the SDK has its own. */
export interface Session {
  readonly incoming: { on_transfer: (frame: TransferFrame, receiver: Receiver) => void };
  readonly outgoing: {
    readonly next_delivery_id: number;
    readonly next_pending_delivery: number;
    available(): number;
  };
}

/** A client's connection. */
export interface Connection {
  close(error?: AmqpErrorFields): void;
  /** Plans output; rhea does so itself only while it handles input. */
  _register(): void;
}

/** What rhea hands to event handlers; which fields are set depends on the event. */
export interface EventContext {
  readonly connection: Connection;
  readonly session: Session;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly delivery: Delivery;
  /** Raw bytes, because of {@link keepMessagesRaw}. */
  readonly message: Buffer;
}

/** The options that rhea takes for the listening side. */
export const LISTEN_OPTIONS = {
  tcp_no_delay: true,
  max_frame_size: 65_536,
  idle_time_out: 240_000,
  // Otherwise rhea reports an abandon or a defer a second time, as a release.
  sender_options: { treat_modified_as_released: false } as object,
  // The broker accepts when the journal is written. Credit comes with the attach: the SDK sleeps for a
  // second when it finds none.
  receiver_options: { autoaccept: false, credit_window: 1000 },
};

/** A message format of no meaning: whatever is not format 0, rhea passes on undecoded. */
const RAW_FORMAT = 0x7ffffffe;

/**
 * Makes rhea hand over the bytes of incoming messages as they came; decoding and encoding again would lose
 * AMQP types. Also stops collecting a message that grows beyond the limit: its further frames are emptied, and
 * `onTooLarge` is told once, before the message comes.
 */
export function keepMessagesRaw(
  session: Session,
  limit: number,
  onTooLarge: (receiver: Receiver) => void,
): void {
  const { incoming } = session;
  const original = incoming.on_transfer.bind(incoming);
  const sizes = new WeakMap<Receiver, number>();
  incoming.on_transfer = (frame, receiver) => {
    const isFirst = receiver._incomplete === undefined;
    // Zero and absent mean the same: a plain AMQP message.
    if (isFirst && !frame.performative.message_format) frame.performative.message_format = RAW_FORMAT;
    const before = isFirst ? 0 : (sizes.get(receiver) ?? 0);
    const size = before + (frame.payload?.length ?? 0);
    sizes.set(receiver, size);
    if (size > limit) {
      if (before <= limit) onTooLarge(receiver);
      frame.payload = Buffer.alloc(0);
    }
    original(frame, receiver);
  };
}

/** The format that the client gave, with zero for what {@link keepMessagesRaw} marked. */
export function formatOf(delivery: Delivery): number {
  return delivery.format === RAW_FORMAT ? 0 : delivery.format;
}

/**
 * Makes the broker always answer a drain. rhea does so only while credit is left; when the last messages
 * cross the client's drain there is none, and the SDK waits 200 ms and then closes the link.
 */
export function alwaysAnswerDrain(sender: Sender): void {
  sender._get_drain = () => {
    if (!sender._draining || !sender._drained) return false;
    sender.delivery_count += sender.credit;
    sender.credit = 0;
    return true;
  };
}

/** Answers a drain, outside the handling of the frame that asked for it. */
export function answerDrain(sender: Sender): void {
  sender.set_drained(true);
  sender.connection._register();
}

/**
 * Whether a message can be handed to rhea and go out. Its credit falls only when frames are written, so the
 * messages that wait for that are subtracted.
 */
export function canSend(sender: Sender): boolean {
  const { outgoing } = sender.session;
  const queued = outgoing.next_delivery_id - outgoing.next_pending_delivery;
  return sender.is_open() && sender.credit > queued && outgoing.available() > 0;
}

/** Settles a delivery whose client waits for the broker's word and then says nothing more about it. */
export function settleForGood(delivery: Delivery, outcome: Typed): void {
  delivery.update(true, outcome);
  // rhea would wait for the client's settlement and never free the slot: after 2,048 messages the link stops.
  delivery.remote_settled = true;
}

/** Takes back the answering attach that rhea has already planned; `link.open()` sends it later. */
export function withholdAttach(link: Link): void {
  link.state.local_open = false;
  link.state.open_requests = 0;
}

/** Answers with the settlement modes that the client asked for; rhea would put its own. */
export function echoSettleModes(link: Link): void {
  link.local.attach.snd_settle_mode = link.snd_settle_mode;
  link.local.attach.rcv_settle_mode = link.rcv_settle_mode;
}

/** Refuses or ends a link. */
export function closeLink(link: Link, error: { readonly condition: string; readonly message: string }): void {
  link.close({ condition: error.condition, description: error.message });
}
