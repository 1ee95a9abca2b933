/** All senders of the hospital: many lanes at once, one message at a time in each. */
import type { Answered } from '../checker/evidence.js';
import type { Hospital, Lane, Send } from '../hospital/model.js';
import { post, type PostOptions, type PostResult } from './post.js';

export interface Sent {
  readonly answers: Map<number, Answered>;
  readonly reusesAccepted: number[];
}

export interface SenderOptions extends PostOptions {
  /** Lanes under way at once. */
  readonly inFlight: number;
  /** Called after each send, with their number so far. */
  readonly onSent: (count: number) => void;
  /** Called when a lane begins. */
  readonly onLane: (lane: Lane) => void;
}

interface Tally {
  receiptIds: Set<string>;
  accepted: number;
  duplicate: number;
  failed: number;
  unanswered: number;
}

/** Sends everything; rejects when the exchange does not answer for minutes. */
export async function sendAll(hospital: Hospital, options: SenderOptions): Promise<Sent> {
  const tallies = new Map<number, Tally>();
  const reusesAccepted: number[] = [];
  const waiting = [...hospital.lanes];
  let count = 0;
  const work = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      options.onLane(lane);
      for (const send of lane.sends) {
        await perform(send, options, tallies, reusesAccepted);
        options.onSent(++count);
      }
    }
  };
  await Promise.all(Array.from({ length: options.inFlight }, work));
  return { answers: tallies, reusesAccepted };
}

async function perform(
  { message, way, text = message.text }: Send,
  options: PostOptions,
  tallies: Map<number, Tally>,
  reusesAccepted: number[],
): Promise<void> {
  const copies = way === 'twice' ? 2 : 1;
  const results = await Promise.all(Array.from({ length: copies }, () => post(options, message.feed, text)));
  const tally = tallies.get(message.number) ?? {
    receiptIds: new Set(),
    accepted: 0,
    duplicate: 0,
    failed: 0,
    unanswered: 0,
  };
  tallies.set(message.number, tally);
  for (const result of results) {
    if (way !== 'reuse') add(tally, result);
    else if (result.outcome !== 'refused') reusesAccepted.push(message.number);
  }
}

function add(tally: Tally, { outcome, receiptId, unanswered }: PostResult): void {
  tally.unanswered += unanswered;
  if (receiptId !== undefined) tally.receiptIds.add(receiptId);
  if (outcome !== 'refused') tally[outcome] += 1;
}
