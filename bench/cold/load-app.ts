/** Loads a function app as the worker does at a cold start, in a process of its own, and prints how long that took, and how much of a processor. */
import { loadApp, provideCoreModule } from '../../local/functions-host/app-loader.js';
import { Registration } from '../../local/functions-host/registration.js';

const [appDir = 'dist'] = process.argv.slice(2);
const registration = new Registration(() => undefined);
provideCoreModule(registration.coreModule());
const [started, used] = [performance.now(), process.cpuUsage()];
await loadApp(appDir);
const milliseconds = performance.now() - started;
const { user, system } = process.cpuUsage(used);
const cpuMilliseconds = (user + system) / 1000;
console.log(JSON.stringify({ milliseconds, cpuMilliseconds, functions: registration.functions.size }));
// Nothing of what the app has opened keeps this process.
process.exit(0);
