/**
 * Preloaded (`node --import`) into every process of the local stack: ends it when the supervisor is gone, so that a
 * killed `npm start` leaves nothing behind that holds ports and files.
 */
const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, 500).unref();
