/** From the text of a file to its YAML documents, with the faults of syntax. */
import { type Document, isScalar, Lexer, type Node, parseAllDocuments, type YAMLError } from 'yaml';
import { fileStart, type Place, type Problem, type ProblemCode, problemAt } from './problem.ts';

export interface ParsedDocument {
  readonly file: string;
  readonly contents: Node;
  readonly placeOf: (offset: number) => Place;
}

export interface Parsed {
  /** Without empty ones, and without those that are no YAML. */
  readonly documents: readonly ParsedDocument[];
  readonly problems: readonly Problem[];
}

/** Each costs the library up to 1 kB; a configuration of 5,000 documents in one file has 700,000. */
const mostTokens = 1_000_000;

export function parse(file: string, text: string): Parsed {
  if (hasTooManyTokens(text)) {
    const message = `The file has more than ${mostTokens} marks and words.`;
    return { documents: [], problems: [problemAt('TRUEUP_YAML_SIZE', file, fileStart, message)] };
  }
  const placeOf = placesIn(text);
  const documents: ParsedDocument[] = [];
  const problems: Problem[] = [];
  // Duplicate keys are found in `value.ts`, since the library compares every key with every other.
  const options = { prettyErrors: false, uniqueKeys: false, merge: false } as const;
  for (const document of parseAllDocuments(text, options)) {
    const faults = faultsOf(file, document, placeOf);
    for (const fault of faults) problems.push(fault);
    if (faults.length > 0 || document.contents === null || isEmpty(document.contents)) continue;
    documents.push({ file, contents: document.contents, placeOf });
  }
  return { documents, problems };
}

/** The library's own LineCounter misses the line breaks that its parser skips after a fault. */
function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const within = Math.min(offset, text.length);
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= within) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: within - (starts[low] ?? 0) + 1, path: '' };
  };
}

/** A token has a character at least, so that a short text need not be counted. */
function hasTooManyTokens(text: string): boolean {
  if (text.length <= mostTokens) return false;
  let tokens = 0;
  const lexed = new Lexer().lex(text);
  while (tokens <= mostTokens && lexed.next().done !== true) tokens += 1;
  return tokens > mostTokens;
}

/** `---` and nothing after it. */
function isEmpty(node: Node): boolean {
  return isScalar(node) && node.source === '' && node.tag === undefined && node.anchor === undefined;
}

/** One fault makes the next: of those in one line the first is told. */
function faultsOf(file: string, document: Document, placeOf: (offset: number) => Place): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const error of [...document.errors, ...document.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')]) {
    const place = placeOf(error.pos[0]);
    if (byLine.has(place.line)) continue;
    const [code, message] = told(error);
    byLine.set(place.line, problemAt(code, file, place, message));
  }
  const { version, explicit } = document.directives?.yaml ?? {};
  if (explicit === true && version !== '1.2') {
    const message = `The document asks for YAML ${version}; configurations are YAML 1.2.`;
    const place = placeOf(document.range?.[0] ?? 0);
    byLine.set(place.line, problemAt('TRUEUP_YAML_VERSION', file, place, message));
  }
  return [...byLine.values()];
}

/** The library's own words may quote the text, and with it a secret: what is said is said here. */
function told({ code }: YAMLError): [ProblemCode, string] {
  if (code === 'TAB_AS_INDENT') return ['TRUEUP_YAML_TAB', 'A tab indents this line; YAML takes blanks alone.'];
  return ['TRUEUP_YAML_SYNTAX', messages[code] ?? 'This is not YAML.'];
}

const messages: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  ALIAS_PROPS: 'An alias takes neither an anchor nor a tag.',
  BAD_ALIAS: 'The name of an anchor or alias is missing or malformed.',
  BAD_COLLECTION_TYPE: 'The tag is of another kind of value than the one that follows.',
  BAD_DIRECTIVE: 'A line that begins with % is a directive, and this is none.',
  BAD_DQ_ESCAPE:
    'A backslash in double quotes begins an escape, and this is none. Single quotes take backslashes as they are.',
  BAD_INDENT: 'The indentation does not fit the lines before it, or a bracket is not closed.',
  BAD_PROP_ORDER: 'Anchor and tag stand before the value.',
  BAD_SCALAR_START: 'A bare text cannot begin with this character; put it in quotes.',
  BLOCK_AS_IMPLICIT_KEY:
    'A mapping cannot begin here: a text with ": " in it wants quotes, and a nested mapping its own line.',
  BLOCK_IN_FLOW: 'Within brackets, lists and mappings are written with brackets too.',
  IMPOSSIBLE: 'This is not YAML.',
  KEY_OVER_1024_CHARS: 'A key is longer than 1024 characters.',
  MISSING_CHAR: 'Something is missing: a colon after a key, a closing quote, a comma, or a blank.',
  MULTILINE_IMPLICIT_KEY: 'A key must stand on one line; most often a colon lacks its blank, or a text its quotes.',
  MULTIPLE_ANCHORS: 'A value has one anchor at most.',
  MULTIPLE_DOCS: 'A document begins here without a --- line.',
  MULTIPLE_TAGS: 'A value has one tag at most.',
  NON_STRING_KEY: 'A key must be a text.',
  TAG_RESOLVE_FAILED: 'The tag is malformed.',
  UNEXPECTED_TOKEN: 'This cannot stand here; most often the indentation is wrong, or a text wants quotes.',
};
