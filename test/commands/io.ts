/** What a command is given of its surroundings, in this process: no terminal, and what it says is kept. */
import type { Io } from '../../src/commands/io.ts';

export interface Said {
  out: string;
  err: string;
}

export function recordingIo(parts: Pick<Io, 'cwd'> & Partial<Io>): { readonly io: Io; readonly said: Said } {
  const said: Said = { out: '', err: '' };
  const io: Io = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    ask: null,
    input: null,
    env: {},
    color: false,
    columns: undefined,
    statusColumns: null,
    signal: new AbortController().signal,
    verbosity: 'normal',
    ...parts,
  };
  return { io, said };
}
