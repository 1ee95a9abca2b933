import type { Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import type { Entity, Namespace } from '../entities/namespace.js';
import { MessageQueue } from '../entities/queue.js';
import { BrokerError, entityNotFound, notImplemented, toBrokerError } from '../errors.js';
import type { Turn } from '../storage/turn.js';
import { Authorisations, checkSharedAccessSignature, pathOf } from './authorisation.js';
import { receiveTransfer } from './incoming-link.js';
import { manage } from './management.js';
import type { OutcomeName } from './outgoing-link.js';
import { OutgoingLink } from './outgoing-link.js';
import type { Answer, Request } from './requests.js';
import { answerOf, readRequest, sendAnswer } from './requests.js';
import type { Delivery, Receiver, Sender } from './rhea.js';
import { answerDrain, closeLink, echoSettleModes } from './rhea.js';

/** What connections share. */
export interface BrokerServices {
  readonly namespace: Namespace;
  readonly turn: Turn;
  readonly clock: Clock;
  /** The access key that tokens must be signed with. */
  readonly key: string;
  /** Largest transfer in bytes. */
  readonly maxMessageSize: number;
}

const CBS = /^\$cbs$/i;
const MANAGEMENT = /\/?\$management$/i;
const SAS_TOKEN = 'servicebus.windows.net:sastoken';
const MAX_ANSWERS_WAITING = 1000;

/** One client's connection: its links, what it may touch, and where its answers go. */
export class ClientConnection {
  private readonly authorisations = new Authorisations();
  private readonly outgoing = new Map<Sender, OutgoingLink>();
  private readonly destinations = new Map<Receiver, Entity>();
  private readonly tooLarge = new WeakSet<Receiver>();
  /** Links for answers by their name and by their target address; requests name either. */
  private readonly answerLinks = new Map<string, Sender>();

  constructor(private readonly services: BrokerServices) {}

  /** The client attached a receiver. */
  onReceiverAttached(sender: Sender): void {
    const address = sender.source?.address ?? '';
    const { namespace, clock, turn } = this.services;
    echoSettleModes(sender);
    sender.set_target({ address: sender.target?.address });
    if (CBS.test(address) || MANAGEMENT.test(address)) {
      sender.set_source({ address });
      for (const name of [sender.name, sender.target?.address]) if (name) this.answerLinks.set(name, sender);
      return;
    }
    this.refuseOnError(sender, () => {
      const path = this.authorisedPath(address);
      const queue = namespace.find(path);
      if (!(queue instanceof MessageQueue)) throw entityNotFound(address);
      const link = new OutgoingLink(sender, queue, clock, turn);
      link.attach();
      this.outgoing.set(sender, link);
    });
  }

  /** The client attached a sender. */
  onSenderAttached(receiver: Receiver): void {
    receiver.local.attach.max_message_size = this.services.maxMessageSize;
    receiver.set_source({ address: receiver.source?.address });
    this.refuseOnError(receiver, () => {
      const address = receiver.target?.address;
      if (typeof address !== 'string')
        throw notImplemented('A transaction, or a link without target address,');
      if (CBS.test(address) || MANAGEMENT.test(address)) {
        if (!CBS.test(address)) this.managedEntity(address);
      } else
        this.destinations.set(receiver, this.services.namespace.destination(this.authorisedPath(address)));
      receiver.set_target({ address });
    });
  }

  /** The client sent a message or a request. */
  onMessage(receiver: Receiver, delivery: Delivery, bytes: Buffer): void {
    if (!receiver.is_open()) return;
    if (this.tooLarge.delete(receiver)) {
      // The protocol would have the link closed instead, and the SDK would wait out its timeout.
      const description = `The received message exceeds the limit (${this.services.maxMessageSize} bytes) currently allowed on the link.`;
      delivery.reject({ condition: 'amqp:link:message-size-exceeded', description });
      return;
    }
    const destination = this.destinations.get(receiver);
    if (destination !== undefined) {
      receiveTransfer(destination, delivery, bytes, this.services.turn);
      return;
    }
    try {
      const request = readRequest(bytes);
      const link = this.answerLink(request);
      delivery.accept();
      const answer = this.answer(receiver.target?.address ?? '', request);
      this.services.turn.onceWritten(() => {
        if (link.is_open()) sendAnswer(link, request, answer);
      });
    } catch (error) {
      const { condition, message: description } = toBrokerError(error);
      delivery.reject({ condition, description });
    }
  }

  /** The message that is coming in is beyond the limit. */
  onTooLarge(receiver: Receiver): void {
    this.tooLarge.add(receiver);
  }

  onFlow(sender: Sender): void {
    this.outgoing.get(sender)?.onFlow();
  }

  onDrain(sender: Sender): void {
    const link = this.outgoing.get(sender);
    if (link === undefined) answerDrain(sender);
    else link.onDrain();
  }

  onOutcome(name: OutcomeName, sender: Sender, delivery: Delivery): void {
    this.outgoing.get(sender)?.onOutcome(name, delivery);
  }

  /** The client detached its receiver. */
  onReceiverGone(sender: Sender): void {
    this.outgoing.get(sender)?.onGone();
    this.outgoing.delete(sender);
    for (const name of [sender.name, sender.target?.address]) if (name) this.answerLinks.delete(name);
  }

  /** The client detached its sender. */
  onSenderGone(receiver: Receiver): void {
    this.destinations.delete(receiver);
  }

  /** The client ended a session, and with it any links that are still attached. */
  onSessionGone(session: object): void {
    for (const sender of [...this.outgoing.keys(), ...this.answerLinks.values()]) {
      if (sender.session === session) this.onReceiverGone(sender);
    }
    for (const receiver of this.destinations.keys()) {
      if (receiver.session === session) this.destinations.delete(receiver);
    }
  }

  /** The connection is gone. */
  onGone(): void {
    for (const link of this.outgoing.values()) link.onGone();
    this.outgoing.clear();
    this.destinations.clear();
    this.answerLinks.clear();
  }

  private refuseOnError(link: Sender | Receiver, attach: () => void): void {
    try {
      attach();
    } catch (error) {
      closeLink(link, toBrokerError(error));
    }
  }

  private authorisedPath(address: string): string {
    const path = pathOf(address);
    if (this.services.namespace.find(path) === undefined) throw entityNotFound(address);
    // Tokens are dated by the machine's clock, whatever clock the entities live by.
    this.authorisations.require(path, systemClock.now());
    return path;
  }

  private managedEntity(address: string): Entity {
    const entity = this.services.namespace.find(this.authorisedPath(address));
    if (entity === undefined) throw entityNotFound(address);
    return entity;
  }

  private answerLink(request: Request): Sender {
    const link = this.answerLinks.get(request.replyTo);
    if (link === undefined)
      throw new BrokerError('amqp:not-found', 'There is no link for the answer to this request.');
    const { outgoing } = link.session;
    if (outgoing.next_delivery_id - outgoing.next_pending_delivery < MAX_ANSWERS_WAITING) return link;
    throw new BrokerError('amqp:resource-limit-exceeded', 'Too many answers wait for credit on their link.');
  }

  private answer(address: string, request: Request): Answer {
    try {
      return CBS.test(address) ? this.putToken(request) : manage(this.managedEntity(address), request);
    } catch (error) {
      return answerOf(error);
    }
  }

  /** Claims-based security: the client shows a token for an entity before it attaches links to it. */
  private putToken(request: Request): Answer {
    const { operation, properties, body } = request;
    const { namespace, key } = this.services;
    if (operation !== 'put-token') throw notImplemented(`The operation '${operation}' on $cbs`);
    const audience = String(properties['name']);
    const path = pathOf(audience);
    if (path !== '' && namespace.find(path) === undefined) throw entityNotFound(audience);
    if (properties['type'] !== SAS_TOKEN) {
      throw new BrokerError(
        'amqp:unauthorized-access',
        'The local Service Bus broker takes shared access signatures only: connect with its connection string.',
      );
    }
    const token = typeof body === 'string' ? body : '';
    this.authorisations.grant(path, checkSharedAccessSignature(token, path, key, systemClock.now()));
    return { status: 202, description: 'Accepted' };
  }
}
