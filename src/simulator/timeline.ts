/**
 * What is still to happen in the simulated cloud, in the order of its time. Nothing runs by itself: before each request
 * everything up to now is made to happen, so that a run under a virtual clock is the same whoever looks at it when.
 */
export interface Timeline {
  /** Milliseconds since 1970: the time of the event that happens, else of the request that is answered. */
  now(): number;
  /** What is due at the same time happens in the order in which it was put down. */
  at(time: number, happen: (at: number) => void): void;
  /** Makes all happen that is due. */
  catchUp(): void;
}

interface Due {
  readonly time: number;
  readonly order: number;
  readonly happen: (at: number) => void;
}

export function openTimeline(clock: () => number): Timeline {
  const heap: Due[] = [];
  let order = 0;
  let now = clock();
  return {
    now: () => now,
    at: (time, happen) => {
      order += 1;
      push(heap, { time: Math.max(time, now), order, happen });
    },
    catchUp: () => {
      const until = clock();
      for (let next = heap[0]; next !== undefined && next.time <= until; next = heap[0]) {
        pop(heap);
        now = next.time;
        next.happen(now);
      }
      now = Math.max(now, until);
    },
  };
}

function isBefore(a: Due, b: Due): boolean {
  return a.time === b.time ? a.order < b.order : a.time < b.time;
}

/** A binary heap, the earliest first. */
function push(heap: Due[], due: Due): void {
  let at = heap.length;
  heap.push(due);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Due;
    if (isBefore(above, due)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const first = heap[left];
    if (first === undefined) break;
    const second = heap[left + 1];
    const child = second !== undefined && isBefore(second, first) ? left + 1 : left;
    const below = heap[child] as Due;
    if (isBefore(last, below)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}
