/** Where progress is shown; `process.stdout` is one. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressState {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Milliseconds since the beginning. */
  readonly elapsed: number;
}

const BAR_WIDTH = 30;

/** One line such as `sending     ███████░░░  350/772   45 %  61.2/s`, no longer than `columns`. */
export function renderProgress({ label, done, total, elapsed }: ProgressState, columns = 80): string {
  const share = total === 0 ? 1 : done / total;
  const rate = elapsed > 0 ? ((done * 1000) / elapsed).toFixed(1) : '0.0';
  const count = `${done.toString().padStart(total.toString().length)}/${total}`;
  const numbers = `${count}  ${Math.floor(share * 100)
    .toString()
    .padStart(3)} %  ${rate}/s`;
  const width = Math.min(BAR_WIDTH, columns - label.length - numbers.length - 4);
  if (width < 5) return `${label} ${numbers}`.slice(0, columns);
  const filled = Math.floor(share * width);
  return `${label} ${'█'.repeat(filled)}${'░'.repeat(width - filled)}  ${numbers}`;
}

export interface Progress {
  /** Shows that so many are done. */
  readonly update: (done: number) => void;
  /** Leaves the last state standing and begins a new line. */
  readonly finish: () => void;
}

const REDRAW_EVERY = 100;
const CLEAR_LINE = '\r\u001B[K';

/** Shows progress as one line that is redrawn on a terminal, and as a line for every tenth elsewhere. */
export function createProgress(
  output: ProgressOutput,
  label: string,
  total: number,
  now: () => number,
): Progress {
  const begun = now();
  let last = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownTenth = 0;
  const line = (): string =>
    renderProgress({ label, done: last, total, elapsed: now() - begun }, output.columns);
  return {
    update: (done) => {
      last = done;
      if (output.isTTY === true) {
        if (now() - shownAt < REDRAW_EVERY) return;
        shownAt = now();
        output.write(`${CLEAR_LINE}${line()}`);
        return;
      }
      const tenth = Math.floor((done * 10) / Math.max(total, 1));
      if (tenth <= shownTenth) return;
      shownTenth = tenth;
      output.write(`${line()}\n`);
    },
    finish: () => {
      if (output.isTTY === true) output.write(`${CLEAR_LINE}${line()}\n`);
    },
  };
}
