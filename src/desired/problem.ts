/** What can be wrong with a configuration: a closed list of codes. `docs/errors.md` is generated from it. */
import { compareText } from '../model/sid.ts';

export const problemCatalogue = {
  TRUEUP_CONFIG_NOT_FOUND: {
    meaning: 'The path of --config names nothing, or a folder without *.yaml and *.yml files, or far too many of them.',
    remedy: 'Name a file or a folder with --config or TRUEUP_CONFIG; `trueup init` writes a first one.',
  },
  TRUEUP_FILE_UNREADABLE: {
    meaning: 'A file or folder is there and cannot be read, or is neither of the two.',
    remedy: 'Mend its rights, or take it out of the configuration.',
  },
  TRUEUP_FILE_TOO_LARGE: {
    meaning: 'A file is larger than any configuration; it was not parsed.',
    remedy: 'Share it out among several files, or keep it out of the folder.',
  },
  TRUEUP_FILE_ENCODING: {
    meaning: 'A file is not UTF-8.',
    remedy: 'Save it as UTF-8; a byte order mark at its begin does no harm.',
  },
  TRUEUP_FILE_CHARACTER: {
    meaning:
      'A file holds a character that nobody sees: NUL, another control, half a surrogate pair, or a bidi control.',
    remedy: 'Take the character out.',
  },
  TRUEUP_YAML_SYNTAX: {
    meaning: 'The text is not YAML. Of one document, the first fault of each line is told, and no other problem.',
    remedy: 'Mend what the message names; it is often the line before, or a text that wants quotes.',
  },
  TRUEUP_YAML_TAB: {
    meaning: 'A line is indented with a tab, which YAML forbids.',
    remedy: 'Indent with blanks.',
  },
  TRUEUP_YAML_DUPLICATE_KEY: {
    meaning: 'A key stands twice in one mapping, and only one of its values can count.',
    remedy: 'Take one of the two out.',
  },
  TRUEUP_YAML_KEY: {
    meaning: 'A key is not a text: a number, a truth value, nothing, a list or a mapping.',
    remedy: 'Put the key in quotes.',
  },
  TRUEUP_YAML_MERGE_KEY: {
    meaning: 'A merge key (<<) is no part of YAML 1.2, and readers of this file would disagree on it.',
    remedy: 'Write the fields out. Anchors and aliases for whole values are fine.',
  },
  TRUEUP_YAML_TAG: {
    meaning: 'A tag (!something) asks for a type that a configuration does not have.',
    remedy: 'Take the tag out; put a text in quotes instead.',
  },
  TRUEUP_YAML_ALIAS: {
    meaning:
      'An alias (*name) has no anchor before it, stands inside its own anchor, or multiplies what it names too often.',
    remedy: 'Write the values out.',
  },
  TRUEUP_YAML_SIZE: {
    meaning: 'A document nests deeper, or holds more values, than any configuration.',
    remedy: 'Share it out among several documents.',
  },
  TRUEUP_YAML_AMBIGUOUS: {
    meaning: 'A bare value means one thing in YAML 1.1 and another in YAML 1.2: yes, off, 010, 0x1F, 1_000, 22:00.',
    remedy: 'Write true or false, a plain decimal number, or put the text in quotes.',
  },
  TRUEUP_YAML_VERSION: {
    meaning: 'A %YAML directive asks for another version than 1.2.',
    remedy: 'Take the directive out.',
  },
  TRUEUP_DOCUMENT_UNKNOWN: {
    meaning: 'A document of a YAML file is not one of Trueup.',
    remedy: 'Keep other YAML out of the folder, or name the files with --config.',
  },
  TRUEUP_API_VERSION: {
    meaning: 'The apiVersion of a document is missing, or one that this version does not know.',
    remedy: 'Write apiVersion: trueup/v1.',
  },
  TRUEUP_KIND_UNKNOWN: {
    meaning: 'The kind of a document is missing or unknown.',
    remedy: 'Take one of the kinds of docs/kinds.md.',
  },
  TRUEUP_KEY_UNKNOWN: {
    meaning: 'A key is none that the schema knows at this place; most often it is misspelt or indented wrongly.',
    remedy: 'Take the key that the message suggests, or take it out.',
  },
  TRUEUP_KEY_MISSING: {
    meaning: 'A key that must stand here is missing.',
    remedy: 'Add it.',
  },
  TRUEUP_KEY_COMBINATION: {
    meaning: 'Keys stand together that exclude each other, or one stands alone that needs another.',
    remedy: 'Keep to the combination that the message names.',
  },
  TRUEUP_TYPE: {
    meaning: 'A value is of another type than the field: a text for a number, a list for a mapping, nothing at all.',
    remedy: 'Write a value of the type that the message names; numbers and true or false without quotes, texts with.',
  },
  TRUEUP_VALUE: {
    meaning: 'A value is none that the field takes.',
    remedy: 'Take one of the values that the message names.',
  },
  TRUEUP_LIMIT: {
    meaning: 'A number, a text or a list is outside the hard limits of its field.',
    remedy: 'Stay within the limits that the message names.',
  },
  TRUEUP_SECRET_LITERAL: {
    meaning:
      'A secret stands in clear text: where a reference belongs, or where it looks like a token, a key or a URL with a password.',
    remedy:
      'Refer to it: {env: NAME}, {file: PATH} or {command: [..]}. A secret that was ever committed must be replaced.',
  },
  TRUEUP_URL: {
    meaning: 'A URL is malformed, or holds more than scheme, host and port.',
    remedy: 'Give scheme and host alone: https://NAME-api.cloud.tanium.com.',
  },
  TRUEUP_URL_INSECURE: {
    meaning: 'The token would be sent over plain http to another machine.',
    remedy: 'Use https; plain http is for a loopback address only.',
  },
  TRUEUP_URL_PLACEHOLDER: {
    meaning: 'The URL is the placeholder of the documentation.',
    remedy: 'Put the name of the Tanium instance in its place.',
  },
  TRUEUP_URL_NOT_API: {
    meaning:
      'The host is that of the Tanium console. The API of Tanium Cloud has a host of its own, NAME-api.cloud.tanium.com.',
    remedy: 'Add -api to the name of the instance, unless this host is known to answer.',
  },
  TRUEUP_NAME: {
    meaning:
      'The name of an account or a group has a form that Windows does not take, or that does not say whose it is.',
    remedy: 'DOMAIN\\name for a domain, a plain name for an account of the device itself.',
  },
  TRUEUP_NAME_TWO_SIDS: {
    meaning: 'One name is given two SIDs.',
    remedy: 'Give the name to the SID that bears it.',
  },
  TRUEUP_SID: {
    meaning: 'A SID is malformed, incomplete, or of something that cannot stand here.',
    remedy: 'Copy the whole SID, as `whoami /all` or Get-ADGroup shows it.',
  },
  TRUEUP_PATTERN: {
    meaning: 'A pattern is not a regular expression, or one that could take forever on a name made for it.',
    remedy: 'Use a glob (* and ?), or a regular expression with fewer repetitions.',
  },
  TRUEUP_OFFLINE_ACCESS: {
    meaning: 'Offline Access Management is not supported with Tanium.',
    remedy: 'Write offlineAccess: Unmanaged, and declare local accounts by LocalAccount.',
  },
  TRUEUP_NPSD_VERSION: {
    meaning: 'This version of NPS-D has no Tanium integration.',
    remedy: 'Use NPS-D 2.22.12 or 2.22.13, or 26.03 or later.',
  },
  TRUEUP_RANGE: {
    meaning: 'An option is outside the range that is recommended for it.',
    remedy: 'See the trade-off in the message; EdrProvider.spec.recommendedRanges says whether it is an error.',
  },
  TRUEUP_TIMEOUTS: {
    meaning: 'Time limits do not fit together: the outer one ends before the inner one.',
    remedy: 'Raise the outer one.',
  },
  TRUEUP_CONTENT_MISMATCH: {
    meaning: 'TaniumContent and the options of the provider say different things of one sensor or package.',
    remedy: 'Make them equal, letter by letter.',
  },
  TRUEUP_PACKAGE_COMMAND: {
    meaning:
      'The command of the package lacks what the integration needs, or its parameter is not that of package_param_offset.',
    remedy: 'Leave spec.package.command out, or mend what the message names.',
  },
  TRUEUP_DOCUMENT_TWICE: {
    meaning: 'Two documents have one kind and one name.',
    remedy: 'Rename one of them.',
  },
  TRUEUP_PROVIDER_NONE: {
    meaning: 'No EdrProvider is declared; a run needs one.',
    remedy: 'Add the file of the provider to --config.',
  },
  TRUEUP_PROVIDER_TWICE: {
    meaning: 'Two EdrProviders have one name in NPS-D.',
    remedy: 'Give them different names; computers refer to them by name.',
  },
  TRUEUP_PROVIDER_UNKNOWN: {
    meaning: 'A computer would be bound to a provider that nobody declares.',
    remedy: 'Write the name of an EdrProvider, letter by letter.',
  },
  TRUEUP_PROVIDER_DISABLED: {
    meaning: 'Computers are bound to a provider that is declared off: nothing is scanned or changed on them.',
    remedy: 'Enable the provider, unless this is meant.',
  },
  TRUEUP_ROLLOUT_TWICE: {
    meaning: 'A configuration has more than one Rollout.',
    remedy: 'Keep one.',
  },
  TRUEUP_MEMBER_CONTRADICTION: {
    meaning: 'One principal is declared both a member and not, at the same priority, on devices that may be the same.',
    remedy: 'Take one out, give one document a higher priority, or make their selectors exclude each other.',
  },
  TRUEUP_MEMBER_TWICE: {
    meaning: 'One principal stands twice in one list.',
    remedy: 'Take one out.',
  },
  TRUEUP_POLICY_CONTRADICTION: {
    meaning: 'Policies of equal priority say different things of one field, on devices that may be the same.',
    remedy: 'Give one of them a higher priority, or make their selectors exclude each other.',
  },
  TRUEUP_PROTECT_DISABLED: {
    meaning: 'A policy wants to change devices whose Protect is declared Disabled.',
    remedy: 'Declare protect: JITA or Deny, or enforcement: observe to record drift only.',
  },
  TRUEUP_BUILT_IN: {
    meaning: 'A built-in account of Windows cannot be deleted, and RID 500 cannot leave Administrators.',
    remedy: 'Disable or rename the account instead.',
  },
  TRUEUP_BROAD_MEMBER: {
    meaning: 'A member is a group that nearly everybody belongs to.',
    remedy: 'Name the people or the group that need the access.',
  },
  TRUEUP_EXPIRED: {
    meaning: 'A statement has ended by its own until.',
    remedy: 'Take it out, or renew it.',
  },
  TRUEUP_EXPIRES_SOON: {
    meaning: 'The API token expires within 14 days, or has expired.',
    remedy: 'Make a new token in Tanium, and set apiKeyExpires.',
  },
  TRUEUP_PERIOD: {
    meaning: 'A period ends before it begins, or is longer than it may be.',
    remedy: 'Mend its begin or its end.',
  },
  TRUEUP_PASSWORD_IMPOSSIBLE: {
    meaning: 'No password can meet these demands.',
    remedy: 'Lower a minimum, or exclude fewer characters.',
  },
} as const;

export type ProblemCode = keyof typeof problemCatalogue;

export interface Problem {
  readonly code: ProblemCode;
  /** What is wrong, the offending value (never a secret), what is allowed, and what may have been meant. */
  readonly message: string;
  /** Relative to the working directory where it lies below it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number;
  /** Below the document, `spec.members[2].sid`; empty: the document or file as a whole. */
  readonly path: string;
}

/** A spot in a file. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

export const fileStart: Place = { line: 1, column: 1, path: '' };

export function problemAt(code: ProblemCode, file: string, place: Place, message: string): Problem {
  return { code, message, file, line: place.line, column: place.column, path: place.path };
}

/** By file, line and column: the order of reading. */
export function sortedProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
}

/** `policies/a.yaml:12:5: error: Unknown key "membrs". [TRUEUP_KEY_UNKNOWN]`, as compilers and editors have it. */
export function problemLines(problems: readonly Problem[], severity: 'error' | 'warning'): string[] {
  return problems.map(
    ({ code, message, file, line, column }) => `${visible(file)}:${line}:${column}: ${severity}: ${message} [${code}]`,
  );
}

/** Controls, bidi controls and other characters that nobody sees, as `\u{…}`: a name can come from anywhere. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
