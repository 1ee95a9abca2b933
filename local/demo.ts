/** `npm run demo`: plays the sample day to a running exchange. */
import { DEMO_HELP, parseDemoArguments } from './demo/arguments.js';
import { DemoError } from './demo/patience.js';
import { playSampleDay } from './demo/play.js';

try {
  const options = parseDemoArguments(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(DEMO_HELP);
  } else {
    const { complete } = await playSampleDay(options);
    process.exitCode = complete ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
}
