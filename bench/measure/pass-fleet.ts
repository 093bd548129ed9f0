/**
 * A fleet of any size as the rows of a result show it: 3,000 distinct inventory texts as they fall in a generated fleet,
 * each device with a Computer ID and a name of its own. Nothing is held for one device.
 */
import { generateFleet } from '../../src/simulator/fleet/fleet.ts';

export const distinctTexts = 3000;

/** So large that one device in ten drifting gives that many texts. */
const generated = 60_000;

export interface PassFleet {
  readonly devices: number;
  /** JSON of so many rows from the row `start` on, with commas between them. */
  readonly rows: (start: number, count: number) => Buffer;
}

/** What of a row is of the machine's kind, in JSON. */
interface Image {
  readonly site: string;
  readonly domain: string;
  /** From the cell of the operating system to the end of the row. */
  readonly rest: Buffer;
}

export function passFleet(devices: number): PassFleet {
  const images = imagesOf();
  return {
    devices,
    rows: (start, count) => {
      const parts: Buffer[] = [];
      for (let at = start; at < Math.min(start + count, devices); at += 1) {
        const { site, domain, rest } = images[at % images.length] as Image;
        const id = computerId(at);
        const name = `${site}-${String(at).padStart(7, '0')}${domain}`;
        const begun = `${at === start ? '' : ','}{"id":${id >>> 1},"cid":${id},"ref_id":${at + 1},`;
        parts.push(Buffer.from(`${begun}"data":[[{"text":"${id}"}],[{"text":"${name}"}],`), rest);
      }
      return Buffer.concat(parts);
    },
  };
}

/** The devices that show a text first come first, so that small fleets have all the texts; then as they fall. */
function imagesOf(): readonly Image[] {
  const first: Image[] = [];
  const others: Image[] = [];
  const known = new Set<string>();
  for (const device of generateFleet({ devices: generated, drift: 0.1, seed: 1 }).devices) {
    const text = device.inventory();
    const isNew = !known.has(text);
    if (isNew && known.size === distinctTexts) continue;
    known.add(text);
    const [host = '', ...domain] = device.name.split('.');
    const image: Image = {
      site: host.replace(/-\d+$/, ''),
      domain: domain.length === 0 ? '' : `.${domain.join('.')}`,
      rest: Buffer.from(`${[device.os, device.domain ?? '', text].map(cellJson).join(',')},[{"text":"1"}]]}`),
    };
    (isNew ? first : others).push(image);
  }
  if (known.size < distinctTexts) throw new Error(`the generated fleet has ${known.size} texts only`);
  return [...first, ...others];
}

function cellJson(text: string): string {
  return `[{"text":${JSON.stringify(text)}}]`;
}

/** Each number of 32 bits but 0 once, in an order that looks like none, as Tanium gives them out. */
function computerId(at: number): number {
  return Math.imul(at + 1, 0x9e3779b1) >>> 0;
}
