import type { Journal, Operation, Recorder } from './operations.js';

/** Something that hands out messages when it is its turn. */
export interface Pumpable {
  pump(): void;
}

/**
 * Groups what happens in one turn of the event loop. At the end of the turn, in this order: the changes are
 * written to the journal; then senders and settlers are told; then messages are handed to receivers; then the
 * removals that receive-and-delete made are written. Network output of rhea comes after all of it, so a client
 * never learns of anything that the end of this process could undo.
 */
export class Turn implements Recorder {
  private scheduled = false;
  private failed = false;
  private readonly confirmations: (() => void)[] = [];
  private readonly pumps = new Set<Pumpable>();
  private readonly afterwards: (() => void)[] = [];

  /**
   * @param onEnd called after each turn, for housekeeping
   * @param onFailure called once when the journal cannot be written, or on a failure of the broker's own:
   * from then on nothing is confirmed
   */
  constructor(
    private readonly journal: Journal,
    private readonly onEnd: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  append(operation: Operation): void {
    this.journal.append(operation);
    this.touch();
  }

  /** Runs `confirm` once everything recorded so far is written. */
  onceWritten(confirm: () => void): void {
    this.confirmations.push(confirm);
    this.touch();
  }

  /** Lets `target` hand out messages at the end of the turn. */
  pump(target: Pumpable): void {
    this.pumps.add(target);
    this.touch();
  }

  /** Runs `action` at the end of the turn, when messages have been handed out. */
  afterPumps(action: () => void): void {
    this.afterwards.push(action);
    this.touch();
  }

  /** Ends the turn now; the broker does so when it stops. */
  run(): void {
    this.scheduled = false;
    if (this.failed) return;
    try {
      this.journal.flush();
      drain(this.confirmations);
      // A set is iterated in order of insertion, including what is added meanwhile.
      for (const target of this.pumps) {
        this.pumps.delete(target);
        target.pump();
      }
      this.journal.flush();
      drain(this.afterwards);
      this.onEnd();
    } catch (error) {
      this.failed = true;
      this.onFailure(error);
    }
  }

  private touch(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.run();
    });
  }
}

function drain(actions: (() => void)[]): void {
  for (const action of actions.splice(0)) action();
}
