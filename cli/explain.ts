/** `hde explain`: where an element comes from, or where a field went. */
import { convert } from '../src/core/converter/convert.js';
import { parsePath } from '../src/core/formats/hl7v2/path.js';
import { indexRows } from '../src/core/mapping/engine/index-rows.js';
import { parseOptions } from './parse-options.js';
import { explainElement } from './explain-element.js';
import { explainField } from './explain-field.js';
import { messageReader, type Explained } from './explained.js';
import { readInput } from './messages.js';
import { readSetting, settingOptions } from './setting.js';
import { oneOf, UsageError, type Terminal } from './terminal.js';

export async function runExplain(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseOptions({ args, allowPositionals: true, options: settingOptions });
  const [file, ...selectors] = positionals;
  const selector = oneOf(selectors, 'ELEMENT or FIELD');
  const { feed, registry } = readSetting(values, terminal);
  const input = await readInput(file ?? '', terminal);
  const explained: Explained = {
    converted: convert(input, { format: 'hl7v2', feed, registry }),
    rows: indexRows(registry, feed.pack),
    messageOf: messageReader(input),
    isColoured: terminal.isColoured,
  };
  const path = parsePath(selector);
  if (path !== undefined) return explainField(explained, path, terminal);
  if (/^[A-Za-z]+(?:[./]|$)/.test(selector)) return explainElement(explained, selector, terminal);
  const hint = parsePath(selector.toUpperCase()) === undefined ? '' : `; is ${selector.toUpperCase()} meant?`;
  throw new UsageError(
    `"${selector}" is neither an element such as Patient.name nor a field such as PID-5${hint}`,
  );
}
