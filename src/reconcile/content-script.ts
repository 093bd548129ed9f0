/** Whose a script is, of which version, and whether two texts of it are one (3-endpoint-contract.md). */

/** Line ends, a mark at the beginning and a signature at the end make no other script. */
export function normalised(text: string): string {
  const plain = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  return plain.replace(/\n?# SIG # Begin signature block\n[\s\S]*?# SIG # End signature block\s*$/, '').trimEnd();
}

/** Without its first line too, which alone says what a sensor prints. */
export function sensorText(text: string): string {
  const plain = normalised(text);
  return printedBy(plain) === null ? plain : plain.slice(plain.indexOf('\n') + 1);
}

/** What the text prints in a sensor; null: its first line does not say. */
export function printedBy(text: string): 'Inventory' | 'Posture' | null {
  const action = /^\uFEFF?\$DefaultAction = '(Inventory|Posture)'\r?\n/.exec(text)?.[1];
  return action === 'Inventory' || action === 'Posture' ? action : null;
}

export function asPosture(text: string): string {
  return text.replace(/^\uFEFF?\$DefaultAction = 'Inventory'/, "$DefaultAction = 'Posture'");
}

/** Null: it says none, as NPS-D's own and all others. */
export function versionOf(text: string): string | null {
  return /^\$ScriptVersion = '([A-Za-z0-9.-]{1,20})'\r?$/m.exec(text)?.[1] ?? null;
}

export type Author = 'trueup' | 'npsd' | 'other';

/** By what each cannot be without: ours its names, NPS-D's the parameters that the integration documents. */
export function authorOf(text: string): Author {
  if (versionOf(text) !== null || /\bTrueupCall\b/.test(text)) return 'trueup';
  const has = (word: string): boolean => new RegExp(`\\b${word}\\b`, 'i').test(text);
  const management = ['Target', 'Action', 'SimpleResult', 'NoMeta'].every(has);
  const wrapper = has('FromBase64String') && (has('Invoke-Expression') || has('iex'));
  return management || wrapper ? 'npsd' : 'other';
}

/** The bytes in which a server may have the very same text: with either line end, with the mark or without. */
export function spellingsOf(text: string): readonly string[] {
  const plain = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const windows = plain.replaceAll('\n', '\r\n');
  return [text, plain, windows, `\uFEFF${plain}`, `\uFEFF${windows}`];
}
