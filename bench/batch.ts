import { parseArgs } from 'node:util';
import { encodedLength, maxParameterLength } from '../src/endpoint/encode.ts';
import { batch } from '../src/reconcile/batch.ts';
import { type Figure, report } from './measure/report.ts';
import { type Shape, shapes } from './measure/shapes.ts';

export const description =
  'The fewest actions for classes of devices that need some of 40 operations, and how few there could be: [--classes 5000]';

export function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { classes: { type: 'string', default: '5000' } } });
  const count = Number(values.classes);
  // The first one is also what the engine compiles itself by.
  measured(shapes[0], count);
  return Promise.resolve(report(shapes.flatMap((shape) => measured(shape, count))));
}

/** In seconds of CPU, so that nothing else on the machine counts. */
function measured(shape: Shape | undefined, count: number): Figure[] {
  if (shape === undefined) return [];
  const rows = shape.classes(count);
  const needs = new Set(rows.map(({ operations }) => JSON.stringify(operations)));
  const began = process.cpuUsage();
  const { actions, lowerBound } = batch(rows, { encodedLength, maxEncodedLength: maxParameterLength });
  const { user, system } = process.cpuUsage(began);
  const { name, mostGap } = shape;
  const gap = (actions.length / lowerBound - 1) * 100;
  return [
    { name: `${name}: different needs`, value: needs.size, unit: '', digits: 0 },
    { name: '  actions', value: actions.length, unit: '', digits: 0 },
    { name: '  lower bound', value: lowerBound, unit: '', digits: 0 },
    { name: '  gap', value: gap, unit: '%', digits: 1, ...(mostGap === null ? {} : { limit: mostGap * 100 }) },
    { name: '  one after the other', value: 1 + Math.max(...actions.map(({ level }) => level)), unit: '', digits: 0 },
    { name: '  CPU', value: (user + system) / 1e6, unit: 's', digits: 2, ...(count === 5000 ? { limit: 2 } : {}) },
  ];
}
