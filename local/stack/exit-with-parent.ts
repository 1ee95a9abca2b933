/**
 * Preloaded (`node --import`) into every process of the local stack: ends it when the supervisor is gone, so that a
 * killed `npm start` leaves nothing behind that holds ports and files.
 *
 * Our own parts end at once: what they promised is on disk, and one that still served old connections would write
 * beside its successor. Azurite ends as by SIGTERM, because it writes its index only then.
 */
// As the supervisor says it: one that was killed at once is nobody's parent any more when this is asked.
const parent = Number(process.env['HDE_STACK_SUPERVISOR'] ?? process.ppid);
const savesOnExit = process.argv[1]?.includes('azurite') ?? false;
const graceMs = 5000;

const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  if (!savesOnExit) process.exit(0);
  setTimeout(() => process.exit(0), graceMs).unref();
  process.kill(process.pid, 'SIGTERM');
}, 250);
watch.unref();
