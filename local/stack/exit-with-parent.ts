/**
 * Preloaded (`node --import`) into every process of the local stack: ends it when the supervisor is gone, so that a
 * killed `npm start` leaves nothing behind that holds ports and files. It ends as by SIGTERM, because Azurite writes
 * its index only then.
 */
const parent = process.ppid;
const graceMs = 5000;

const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  setTimeout(() => process.exit(0), graceMs).unref();
  process.kill(process.pid, 'SIGTERM');
}, 500);
watch.unref();
