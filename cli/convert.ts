/** `hde convert`: a message as a Bundle. */
import { convert } from '../src/core/converter/convert.js';
import { errors, type Issue } from '../src/core/errors.js';
import { parseOptions } from './parse-options.js';
import { readInput } from './messages.js';
import { readSetting, settingOptions } from './setting.js';
import { exit, oneOf, UsageError, type Terminal } from './terminal.js';

export async function runConvert(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      ...settingOptions,
      format: { type: 'string', default: 'hl7v2' },
      lineage: { type: 'boolean', default: false },
    },
  });
  if (values.format !== 'hl7v2') throw new UsageError(`the format is hl7v2, not ${values.format}`);
  const input = await readInput(oneOf(positionals, 'FILE'), terminal);
  const { feed, registry } = readSetting(values, terminal);
  const converted = convert(input, { format: values.format, feed, registry });
  terminal.out(`${JSON.stringify(values.lineage ? converted : converted.bundle, null, 2)}\n`);
  for (const issue of converted.issues) terminal.err(`${printIssue(issue)}\n`);
  return converted.issues.some(({ severity }) => severity === 'error') ? exit.doubtful : exit.done;
}

/** `warning HDE_HL7_DATA_TYPE PID-7[1]: A field does not hold a value of its data type. (wanted: a date)`. */
export function printIssue({ severity, code, location, detail }: Issue): string {
  const place = location === undefined ? '' : ` ${location}`;
  const wanted = detail === undefined ? '' : ` (wanted: ${detail})`;
  return `${severity} ${code}${place}: ${errors[code].text}${wanted}`;
}
