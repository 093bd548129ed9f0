/** A line of PowerShell without the blanks that nobody needs who reads it: PowerShell itself, or whoever audits it. */

/** After these a parenthesis opens what the statement is about. After any other word it may be an argument. */
const statements = /(?:^|[\s{}();,|=])(?:if|elseif|foreach|for|while|switch|catch|param)$/i;
/** What follows a block in the same statement. */
const continuations = /^(?:else|elseif|catch|finally|while|until)\b/i;
const assignment = /^(?:[-+*/%]?=)/;

/**
 * Blanks go beside brackets, commas, semicolons, pipes and assignments, where they stand outside of strings and part no
 * two words. `line`: code without a comment, and no part of a string that began before it.
 */
export function squeezed(line: string): string {
  let out = '';
  for (let at = 0; at < line.length; ) {
    const end = pieceEnd(line, at);
    const piece = line.slice(at, end);
    if (piece.trim() !== '' || isNeeded(out, line.slice(end))) out += piece;
    at = end;
  }
  return out;
}

function isNeeded(before: string, after: string): boolean {
  if (before === '' || after === '') return false;
  if (/[({,;|=]$/.test(before) || /^[)},;|]/.test(after) || assignment.test(after)) return false;
  if (after.startsWith('{')) return !/[\w)]$/.test(before);
  if (after.startsWith('(')) return !statements.test(before);
  return !(before.endsWith('}') && continuations.test(after));
}

/** Of what begins at `at`: a run of blanks, a string, an escaped character, or any other one. */
function pieceEnd(line: string, at: number): number {
  const character = line.charAt(at);
  if (character === "'") return after(/'(?:''|[^'])*'/y, line, at);
  if (character === '"') return textEnd(line, at + 1);
  if (character === '`') return at + 2;
  return character === ' ' ? after(/ +/y, line, at) : at + 1;
}

function after(pattern: RegExp, line: string, at: number): number {
  pattern.lastIndex = at;
  const [found] = pattern.exec(line) ?? [''];
  if (found === '') throw new Error(`a string does not end in its line: ${line}`);
  return at + found.length;
}

/** Behind the quote that ends a text; code in it may have quotes of its own. */
function textEnd(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line.startsWith('$(', at)) at = codeEnd(line, at + 2) - 1;
    else if (line.charAt(at) === '`' || line.startsWith('""', at)) at += 1;
    else if (line.charAt(at) === '"') return at + 1;
  }
  throw new Error(`a string does not end in its line: ${line}`);
}

/** Behind the parenthesis that ends the code. */
function codeEnd(line: string, from: number): number {
  let depth = 1;
  for (let at = from; at < line.length; ) {
    const end = pieceEnd(line, at);
    if (line.charAt(at) === '(') depth += 1;
    if (line.charAt(at) === ')') depth -= 1;
    if (depth === 0) return end;
    at = end;
  }
  throw new Error(`code in a string does not end in its line: ${line}`);
}
