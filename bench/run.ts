/** `npm run bench -- NAME [OPTION …]`: runs `bench/NAME.ts`; without a name it lists what there is. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Bench {
  /** One line. */
  readonly description: string;
  /** Answers the exit status: 1 where a limit is missed. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const folder = fileURLToPath(new URL('.', import.meta.url));

function names(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && name !== 'run.ts')
    .map((name) => name.slice(0, -'.ts'.length))
    .toSorted();
}

async function benchOf(name: string): Promise<Bench> {
  return (await import(`./${name}.ts`)) as Bench;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) {
    for (const one of names()) console.log(`${one.padEnd(12)} ${(await benchOf(one)).description}`);
    return 0;
  }
  if (!names().includes(name)) {
    console.error(`There is no bench ${name}: ${names().join(', ')}.`);
    return 1;
  }
  return (await benchOf(name)).run(args);
}

process.exitCode = await main(process.argv.slice(2));
