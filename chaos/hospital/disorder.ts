/** What goes wrong on the way from the hospital: messages come late, come again, and some are poison. */
import type { Random } from '../random.js';
import type { HospitalMessage, Send } from './model.js';

const lateShare = 0.07;
const repeatShare = 0.05;
const twiceShare = 0.03;
const reuseShare = 0.007;

/**
 * Moves some messages behind up to three later ones. Nothing moves over a merge, whose effects on what comes after
 * it are another matter, or over a message from the future, which makes all others late.
 */
export function delaySome(messages: readonly HospitalMessage[], random: Random): HospitalMessage[] {
  const order = [...messages];
  for (let index = order.length - 2; index >= 0; index--) {
    const message = order[index];
    if (message === undefined || isFixed(message) || !random.chance(lateShare)) continue;
    let target = index;
    const furthest = index + random.between(1, 3);
    for (
      let next = order[target + 1];
      target < furthest && next && !isFixed(next);
      next = order[target + 1]
    ) {
      order[target] = next;
      target += 1;
    }
    order[target] = message;
  }
  return order;
}

const isFixed = ({ event, time }: HospitalMessage): boolean => event === 'A40' || time === Infinity;

/** What the sender does with a lane's messages: ordinary sends, copies side by side, repetitions, reused control ids. */
export function planSends(messages: readonly HospitalMessage[], random: Random): Send[] {
  const sends: Send[] = [];
  for (const message of messages) {
    sends.push({ message, way: random.chance(twiceShare) ? 'twice' : 'once' });
    const earlier = sends[random.between(Math.max(0, sends.length - 6), sends.length - 1)]?.message;
    if (earlier === undefined || earlier.event === 'too-large') continue;
    if (random.chance(repeatShare)) sends.push({ message: earlier, way: 'repeat' });
    // Without a header there is no control id: other bytes are another message.
    else if (earlier.fate === 'normalised' && random.chance(reuseShare)) {
      const text = earlier.text.replace('|HDE|HDE|', '|HDE|OTHER|');
      sends.push({ message: earlier, way: 'reuse', text });
    }
  }
  return sends;
}
