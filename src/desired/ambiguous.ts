/** Bare values that YAML 1.1 and YAML 1.2 read differently: somebody reading the file would be wrong half the time. */

interface Trap {
  readonly form: RegExp;
  readonly message: (source: string) => string;
}

const traps: readonly Trap[] = [
  {
    form: /^(?:yes|on)$/i,
    message: (source) =>
      `${source} is a text in YAML 1.2 and true in YAML 1.1. Write true, or "${source}" for the text.`,
  },
  {
    form: /^(?:no|off)$/i,
    message: (source) =>
      `${source} is a text in YAML 1.2 and false in YAML 1.1. Write false, or "${source}" for the text.`,
  },
  {
    form: /^[-+]?0[0-9_]+$/,
    message: (source) =>
      `${source} is ${Number(source.replaceAll('_', ''))} in YAML 1.2 and an octal number in YAML 1.1. Write it without ` +
      `the leading 0, or "${source}" for the text.`,
  },
  {
    form: /^[-+]?0(?:o[0-7]+|x[0-9a-f_]+|b[01_]+)$/i,
    message: (source) =>
      `${source} is a number to some readers of YAML and a text to others. Write it in decimal, or "${source}" for the text.`,
  },
  {
    form: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
    message: (source) =>
      `${source} is a text in YAML 1.2 and a number to the base of 60 in YAML 1.1. Write "${source}", in quotes.`,
  },
  {
    form: /^[-+]?[0-9]+(?:_[0-9]*)+(?:\.[0-9_]*)?$/,
    message: (source) =>
      `${source} is a text in YAML 1.2 and a number in YAML 1.1. Write it without _, or "${source}" for the text.`,
  },
];

const longest = 32;

/** What is ambiguous about a plain scalar, and how to write it; null: nothing. `source` as it stands in the file. */
export function ambiguityOf(source: string): string | null {
  if (source.length > longest) return null;
  return traps.find(({ form }) => form.test(source))?.message(source) ?? null;
}
