/**
 * Preloaded (`node --import`) into a process of the local stack that gives way to the others while the processors are
 * busy. In Azure it would have instances of its own.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * As `nice` counts: in a struggle for a processor the process gets four fifths of what another one gets. Fair shares do
 * most: it alone asks for more than its share. With 5, a third, it came to nearly nothing on a machine that was busy with
 * other things as well.
 */
const niceness = 1;

if (process.platform === 'linux') {
  // On Linux every thread has a priority, and those that Node began with are there by now.
  for (const thread of readdirSync('/proc/self/task'))
    tryTo(() => {
      setPriority(Number(thread), niceness);
    });
  // Where the kernel shares out by sessions first, ours is this process alone; other kernels have no such file.
  tryTo(() => {
    writeFileSync('/proc/self/autogroup', String(niceness));
  });
} else {
  tryTo(() => {
    setPriority(niceness);
  });
}

/** A process that cannot give way works as well. */
function tryTo(change: () => void): void {
  try {
    change();
  } catch {
    // A thread that has ended, or a system that does not allow it.
  }
}
