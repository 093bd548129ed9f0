/** What an item of the posture text is: a value, where it is read on the device, and who recommends it. */

/** One item; `readings` are tried in order, and the first that finds a value decides. */
export interface PostureItem {
  /** `group.item`, both in camel case. */
  readonly path: string;
  readonly readings: readonly Reading[];
  /**
   * The raw value that stands for one that is nowhere. Given only where Windows does not write the value by itself and
   * the same default is documented for every supported version; else the item is left out.
   */
  readonly absent?: number;
  readonly meaning: string;
  /** The recommendation or page that the item is taken from, in its own words. */
  readonly source: string;
}

export interface Reading {
  readonly from: Origin;
  /** Of the registry value, of the CIM property, or of the policy or device field. */
  readonly name: string;
  readonly form: Form;
}

/** `policy` is SAM's own, `device` what the script knows of the machine beforehand. */
export type Origin =
  | { readonly kind: 'registry'; readonly key: string }
  | ({ readonly kind: 'cim' } & CimRow)
  | { readonly kind: 'policy' }
  | { readonly kind: 'device' };

/** The first row of the class, or the row of the drive that Windows is on. */
export interface CimRow {
  readonly class: string;
  readonly namespace: string;
  readonly ofSystemDrive?: boolean;
}

/** What a raw value becomes: `flag` true unless 0, `inverted` true if 0, `=4` true if it is 4, or a list with a 4. */
export type Form = 'flag' | 'inverted' | 'integer' | 'text' | `=${number}`;

export const system = 'HKLM:\\SYSTEM\\CurrentControlSet\\';
export const policies = 'HKLM:\\SOFTWARE\\Policies\\Microsoft\\';
export const microsoft = 'HKLM:\\SOFTWARE\\Microsoft\\';

export function at(key: string, name: string, form: Form): Reading {
  return { from: { kind: 'registry', key }, name, form };
}

export function inRow(row: CimRow, name: string, form: Form): Reading {
  return { from: { kind: 'cim', ...row }, name, form };
}

export function ofPolicy(name: string): Reading {
  return { from: { kind: 'policy' }, name, form: 'integer' };
}

export function ofDevice(name: string, form: Form): Reading {
  return { from: { kind: 'device' }, name, form };
}

export function cis(title: string): string {
  return `CIS Benchmark: ${title}`;
}

export function page(path: string): string {
  return `learn.microsoft.com/${path}`;
}
