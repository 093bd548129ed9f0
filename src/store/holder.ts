import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { LeaseHolder } from '../ports.ts';

/** What `/proc/self/ns/pid` reads outside any container; process ids of another namespace cannot be looked up here. */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

/** This process, as a lease names it. */
export function currentHolder(command: string): LeaseHolder {
  return { host: processHost(), pid: process.pid, started: startOf(process.pid)?.started ?? '', command };
}

/**
 * Whether the process that holds a lease has ended: gone, a zombie, or its id now belongs to a process that started at
 * another time. Of another host nothing can be known, so its holder is never dead; its lease runs out instead.
 */
export function isDead(holder: LeaseHolder): boolean {
  if (holder.host !== processHost()) return false;
  if (!exists(holder.pid)) return true;
  const start = startOf(holder.pid);
  // No /proc (macOS, Windows): a living process of this id is taken for the holder.
  if (start === null) return false;
  return start.zombie || start.started !== holder.started;
}

/**
 * Where process ids mean the same. Two containers may share a host name and a volume but not their process ids; taken
 * for one host, each would think the other's holder dead.
 */
function processHost(): string {
  const namespace = readOrNull(() => readlinkSync('/proc/self/ns/pid'));
  return namespace === null || namespace === INITIAL_PID_NAMESPACE ? hostname() : `${hostname()} ${namespace}`;
}

function exists(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Start in clock ticks since the boot, with the boot's own id: ticks alone repeat after a restart of the machine. */
function startOf(pid: number): { readonly started: string; readonly zombie: boolean } | null {
  const stat = readOrNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  // proc(5): `pid (comm) state …`, start time is field 22; comm itself may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const boot = readOrNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '';
  return { started: `${boot}:${fields[19] ?? ''}`, zombie: fields[0] === 'Z' || fields[0] === 'X' };
}

function readOrNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
