/**
 * Loaded before the program itself (`node --import`): kills the process, hard, at the boundary of its effects that
 * TRUEUP_CHAOS_KILL names, if it names one. A boundary is before and after each request and each statement that writes.
 */
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import timers from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';

const last = Number(process.env['TRUEUP_CHAOS_KILL'] ?? '0');
let count = 0;

function pass(): void {
  count += 1;
  if (count === last) process.kill(process.pid, 'SIGKILL');
}

// Methods of others are called on whoever they were called on.
const { dispatch } = Agent.prototype;
Agent.prototype.dispatch = counted(dispatch);

function counted(original: typeof dispatch): typeof dispatch {
  return function (this: Agent, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    pass();
    const end = handler.onResponseEnd?.bind(handler);
    handler.onResponseEnd = (...values) => {
      pass();
      return end?.(...values);
    };
    return original.call(this, options, handler);
  };
}

const run = StatementSync.prototype.run;
StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
  pass();
  const answer = run.apply(this, values);
  pass();
  return answer;
} as typeof run;

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
  pass();
  exec.call(this, sql);
  pass();
};

/** As the simulator's own delays go by (`--clock fast`): a run that looks for a doubtful action would look for a minute. */
const pace = 0.02;
const { setTimeout: wait } = timers;
timers.setTimeout = (milliseconds = 1, ...more) => wait(milliseconds * pace, ...more);
// Whoever imports it by its name has it too.
syncBuiltinESMExports();
