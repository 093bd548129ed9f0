/** What a child of the bench `pass` says of each of its passes, on a line of its own. */
export interface Passed {
  readonly devices: number;
  /** Null: not known to it. */
  readonly texts: number | null;
  readonly actions: number | null;
  readonly digest: string | null;
}

export interface PassLine extends Passed {
  /** Of user and system, all threads of the process, from the first request on. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** The most memory that was resident at once so far. */
  readonly peakMegabytes: number;
}

/** Two, as a daemon makes them: the second finds the process warm, and nothing changed. */
export async function passes(pass: () => Promise<Passed>): Promise<void> {
  for (let number = 1; number <= 2; number += 1) {
    const began = performance.now();
    const before = process.cpuUsage();
    const passed = await pass();
    const { user, system } = process.cpuUsage(before);
    const line: PassLine = {
      ...passed,
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (performance.now() - began) / 1000,
      peakMegabytes: process.resourceUsage().maxRSS / 1024,
    };
    console.log(JSON.stringify(line));
  }
}
