'use strict';
/**
 * Preloaded into a process whose event loop is watched: writes the longest time that it worked without giving timers and
 * sockets their turn, in milliseconds, to the file that TRUEUP_STALL names. Counted by the CPU time of its thread, since
 * whatever else the machine does is not its fault. From the first request on: nobody waits yet while the program is loaded.
 */
const { subscribe } = require('diagnostics_channel');
const fs = require('fs');

const file = process.env.TRUEUP_STALL;
if (file !== undefined) {
  let last = null;
  let longest = 0;
  let timer = null;
  const busy = function () {
    const { user, system } = process.threadCpuUsage();
    const now = (user + system) / 1000;
    if (last !== null) longest = Math.max(longest, now - last);
    last = now;
  };
  subscribe('undici:request:create', function () {
    if (timer === null) timer = setInterval(busy, 5).unref();
  });
  process.on('exit', function () {
    fs.writeFileSync(file, JSON.stringify({ milliseconds: longest }));
  });
}
