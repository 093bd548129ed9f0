/** Colours by what they mean; without colour the text is the same, since every sign also stands there as a character. */
export type Style = 'add' | 'remove' | 'change' | 'error' | 'strong' | 'dim';

export type Paint = (style: Style, text: string) => string;

/** Select Graphic Rendition: begin and end of each style. */
const codes: Readonly<Record<Style, readonly [begin: number, end: number]>> = {
  add: [32, 39],
  remove: [31, 39],
  change: [33, 39],
  error: [31, 39],
  strong: [1, 22],
  dim: [2, 22],
};

export function painter(color: boolean): Paint {
  if (!color) return (_, text) => text;
  return (style, text) => {
    const [begin, end] = codes[style];
    return text === '' ? '' : `\u001b[${begin}m${text}\u001b[${end}m`;
  };
}
