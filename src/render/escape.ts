/**
 * What a device says may be written by whoever owns the device: names, descriptions, messages. Shown as it is, it could
 * move the cursor, colour a line, turn the reading direction around or look like a line of ours.
 */

/** Controls, format characters (bidi overrides, zero widths), halves of characters, private use, odd blanks. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** Marks without a base, and more on one base than any script needs: they would paint over what stands around them. */
const strayMarks = /^\p{M}+|(?<=\p{M}{3})\p{M}+/gu;

const printableAscii = /^[ -~]*$/;

/**
 * One line of text that shows everything that is in it: what cannot be seen is written `\u{202E}`. There is no `\n`
 * among the escapes, which `CORP\new` would look like.
 */
export function plain(text: string): string {
  if (printableAscii.test(text)) return text;
  return text.replace(hidden, escaped).replace(strayMarks, escaped);
}

/** Each of these characters in its visible spelling. */
export function escaped(characters: string): string {
  let visible = '';
  for (const character of characters) visible += `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;
  return visible;
}
