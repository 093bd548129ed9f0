/** For how long a process that does nothing hears nothing, because of what else the machine does: until standard input ends. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
process.stdin.resume().once('end', () => {
  console.log(Math.max(0, delay.max / 1e6 - resolution));
  process.exit();
});
